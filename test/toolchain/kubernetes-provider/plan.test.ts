import { describe, expect, test } from "vitest";
import { Cluster } from "../../../toolchain/kubernetes-provider/cluster.ts";
import { parsePath, pathText } from "../../../toolchain/kubernetes-provider/diff.ts";
import { check, diff } from "../../../toolchain/kubernetes-provider/plan.ts";
import { readSettings } from "../../../toolchain/kubernetes-provider/settings.ts";
import { type Properties, secret, unknown } from "../../../toolchain/kubernetes-provider/values.ts";
import { object } from "./objects.ts";

const settings = readSettings(new Map([["kubernetes:config:namespace", "team"]]), {});
/** Nobody there: what these ask is answered without it. */
const cluster = new Cluster({ ...settings, kubeconfig: "{}" }, new AbortController().signal);
const names = { urnName: "notes", seed: new Uint8Array([1, 2, 3]) };
const urn = "urn:pulumi:test::arc::kubernetes:core/v1:ConfigMap::notes";

const checked = (news: Properties, olds: Properties = {}, more = {}) =>
  check(cluster, { urn, olds, news, names: { ...names, ...more } });

describe("inputs as they are kept", () => {
  test("an object without a name gets one from the resource's, the same for the same seed", async () => {
    const inputs = await checked({ apiVersion: "v1", kind: "ConfigMap" });
    expect(inputs.metadata).toEqual({
      name: expect.stringMatching(/^notes-[0-9a-f]{8}$/),
      namespace: "team",
      annotations: { "pulumi.com/autonamed": "true" },
    });
    expect(await checked({ apiVersion: "v1", kind: "ConfigMap" })).toEqual(inputs);
  });

  test("keeps the name it got", async () => {
    const olds = await checked({ apiVersion: "v1", kind: "ConfigMap" });
    const inputs = await check(cluster, {
      urn,
      olds,
      news: { apiVersion: "v1", kind: "ConfigMap", data: { a: "1" } },
      names: { urnName: "notes", seed: new Uint8Array([9]) },
    });
    expect(inputs.metadata).toEqual(olds.metadata);
  });

  test("takes the name that the project's autonaming proposes, or says that there has to be one", async () => {
    const { metadata } = await checked(
      { apiVersion: "v1", kind: "ConfigMap" },
      {},
      { proposed: "arc-notes" },
    );
    expect(metadata).toMatchObject({ name: "arc-notes" });
    await expect(checked({ apiVersion: "v1", kind: "ConfigMap" }, {}, { disabled: true })).rejects.toThrow(
      "set `.metadata.name`",
    );
  });

  test("a kind of the whole cluster gets no namespace", async () => {
    const { metadata } = await checked({ apiVersion: "v1", kind: "Namespace", metadata: { name: "x" } });
    expect(metadata).toEqual({ name: "x" });
  });

  test("what is unknown stays unknown, and what is secret secret", async () => {
    const inputs = await checked({
      apiVersion: "v1",
      kind: "ConfigMap",
      metadata: { name: unknown },
      data: { key: secret("hunter2"), other: unknown, none: null },
    });
    expect(inputs).toMatchObject({
      metadata: { name: unknown },
      data: { key: secret("hunter2"), other: unknown },
    });
    expect(inputs.data).not.toHaveProperty("none");
  });

  test("a Secret's data is secret however it is given", async () => {
    const inputs = await checked({ apiVersion: "v1", kind: "Secret", stringData: { key: "hunter2" } });
    expect(inputs.stringData).toEqual(secret({ key: "hunter2" }));
  });
});

describe("what an update would change", () => {
  const container = (image: string) => ({ spec: { containers: [{ name: "c", image }] } });
  const spec = (fields: object) => ({ spec: fields });
  const data = (value: string) => ({ data: { key: value } });
  const [now, then] = [object("apps/v1/Deployment"), object("apps/v1/Deployment")];

  const plan = (old: object, news: object, mutable = settings.mutable) =>
    diff({
      urn,
      olds: { ...old, __inputs: old },
      oldInputs: {},
      news: news as Properties,
      mutable,
    });
  const lines = (old: object, news: object, mutable = settings.mutable) =>
    plan(old, news, mutable).changes.map(
      ({ path, kind, replace }) => `${kind}${replace ? " and replace" : ""} ${pathText(path)}`,
    );

  const cases: [string, string, object, object, string[]][] = [
    ["nothing", "v1/ConfigMap", data("1"), data("1"), []],
    [
      "a number in a spec",
      "apps/v1/Deployment",
      spec({ replicas: 1 }),
      spec({ replicas: 2 }),
      ["update spec.replicas"],
    ],
    [
      "one label of several, with dots in its name",
      "apps/v1/Deployment",
      { metadata: { labels: { a: "1" } } },
      { metadata: { labels: { a: "1", "example.com/b": "2" } } },
      ['add metadata.labels["example.com/b"]'],
    ],
    [
      "a selector, which can't be changed",
      "apps/v1/Deployment",
      spec({ selector: { matchLabels: { app: "a" } } }),
      spec({ selector: { matchLabels: { app: "b" } } }),
      ["update and replace spec.selector.matchLabels.app"],
    ],
    ["a ConfigMap's data", "v1/ConfigMap", data("1"), data("2"), ["update and replace data.key"]],
    ["a Secret's data", "v1/Secret", data("MQ=="), data("Mg=="), ["update and replace data.key"]],
    ["a Secret's type", "v1/Secret", { type: "Opaque" }, { type: "other" }, ["update and replace type"]],
    [
      "the image of a bare Pod",
      "v1/Pod",
      container("a"),
      container("b"),
      ["update and replace spec.containers[0].image"],
    ],
    [
      "a Job's template",
      "batch/v1/Job",
      spec({ template: container("a") }),
      spec({ template: container("b") }),
      ["update and replace spec.template.spec.containers[0].image"],
    ],
    [
      "a Service's address",
      "v1/Service",
      spec({ clusterIP: "None" }),
      spec({ ports: [] }),
      ["delete and replace spec.clusterIP", "add spec.ports"],
    ],
    [
      "a claim's size and its class",
      "v1/PersistentVolumeClaim",
      spec({ storageClassName: "a", resources: { requests: { storage: "1Gi" } } }),
      spec({ storageClassName: "b", resources: { requests: { storage: "2Gi" } } }),
      ["update and replace spec.storageClassName", "update spec.resources.requests.storage"],
    ],
    [
      "a whole spec with a selector in it",
      "apps/v1/Deployment",
      {},
      spec({ selector: {} }),
      ["add and replace spec"],
    ],
    [
      "a role that is bound",
      "rbac.authorization.k8s.io/v1/RoleBinding",
      { roleRef: { name: "a" } },
      { roleRef: { name: "b" } },
      ["update and replace roleRef.name"],
    ],
    [
      "a value that is not known yet",
      "v1/ConfigMap",
      data("1"),
      data(unknown),
      ["update and replace data.key"],
    ],
    [
      "a list that grows",
      "example.com/v1/Widget",
      spec({ sizes: [1] }),
      spec({ sizes: [1, 2] }),
      ["add spec.sizes[1]"],
    ],
  ];
  test.each(cases)("%s (%s)", (_, type, old, news, expected) => {
    expect(lines(object(type, { ...old }), object(type, { ...news }))).toEqual(expected);
  });

  test("data changes in place where the provider is configured so, and not in what is immutable", () => {
    const mutable = { configMaps: true, secrets: true };
    expect(lines(object("v1/ConfigMap", data("1")), object("v1/ConfigMap", data("2")), mutable)).toEqual([
      "update data.key",
    ]);
    const fixed = (value: string) => object("v1/Secret", { ...data(value), immutable: true });
    expect(lines(fixed("1"), fixed("2"), mutable)).toEqual(["update and replace data.key"]);
  });

  test("the namespace of an object that names none is default", () => {
    expect(
      lines({ ...now, metadata: { name: "x" } }, { ...then, metadata: { name: "x", namespace: "default" } }),
    ).toEqual([]);
  });

  test("the old goes first where the new has its name, and not where Pulumi chose one", () => {
    const [one, other] = [object("v1/ConfigMap", data("1")), object("v1/ConfigMap", data("2"))];
    expect(plan(one, other).deleteBeforeReplace).toBe(true);
    const renamed = object("v1/ConfigMap", { ...data("2"), metadata: { name: "another" } });
    expect(plan(one, renamed).deleteBeforeReplace).toBe(false);
    const annotations = { "pulumi.com/autonamed": "true" };
    const autonamed = object("v1/ConfigMap", { ...data("2"), metadata: { annotations } });
    expect(plan(one, autonamed).deleteBeforeReplace).toBe(false);
  });

  test.each(['metadata.labels["a.b/c"]', "spec.containers[0].image", 'data["say \\"x\\""]'])(
    "a path is read as it was written: %s",
    (text) => expect(pathText(parsePath(text))).toBe(text),
  );
});
