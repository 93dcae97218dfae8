import type * as pulumi from "@pulumi/pulumi";
import * as pulumiRuntime from "@pulumi/pulumi";
import { describe, expect, test } from "vitest";
import { Declaration } from "../../../components/declaration.ts";
import type { SecretStoreModel } from "../../../components/model/index.ts";
import type { SecretRef } from "../../../components/secrets.ts";
import { kubernetesSchema } from "../../../components/targets/kubernetes/args.ts";
import { type KindName, maker } from "../../../components/targets/kubernetes/make.ts";
import { externalSecret, mountSecrets } from "../../../components/targets/kubernetes/secrets.ts";
import { plain, secretTexts } from "../../../components/targets/local/provider/values.ts";
import { declare, known } from "../../components/declare.ts";

const settings = kubernetesSchema.parse({
  namespace: "support",
  image: { reference: `registry.example.com/mcp-infra@sha256:${"0".repeat(64)}` },
  secretStore: { name: "vault" },
});

const store: SecretStoreModel = {
  name: "keys",
  given: ["a", "b"],
  generated: [],
  external: { far: { key: "prod/far", property: "token", version: "3" }, floating: { key: "prod/floating" } },
};

function ref(key: string, change: Partial<SecretRef> = {}): SecretRef {
  return { store: "keys", key, from: store, value: pulumiRuntime.secret(`canary-${key}`), ...change };
}

function mount(secrets: Record<string, SecretRef>) {
  const kinds: KindName[] = [];
  const make = maker(new Declaration(), (kind) => kinds.push(kind));
  return declare(() => ({ ...mountSecrets(make, "github", secrets, settings, {}), kinds }));
}

/** As a pod's specification gets it: with names as the cluster gives them. */
const resolved = (value: unknown) => known(pulumiRuntime.output(value) as pulumi.Output<unknown>);

describe("a workload's secrets", () => {
  test("are nothing where it has none", async () => {
    const { result, registered } = await mount({});
    expect(result).toEqual({ env: [], volumes: [], volumeMounts: [], kinds: [] });
    expect(registered).toEqual([]);
  });

  test("are one immutable Secret with what it uses, which Pulumi names", async () => {
    const { result, registered, find } = await mount({ A: ref("a"), B: ref("b") });
    expect(registered.map(({ type, name }) => [type, name])).toEqual([
      ["kubernetes:core/v1:Secret", "github-secrets"],
    ]);
    const { inputs } = find("github-secrets");
    expect(plain(inputs)).toMatchObject({
      type: "Opaque",
      immutable: true,
      stringData: { A: "canary-a", B: "canary-b" },
      metadata: { namespace: "support", labels: { "app.kubernetes.io/name": "github" } },
    });
    expect((plain(inputs.metadata) as { name?: string }).name).toBeUndefined();
    expect(secretTexts(inputs).sort()).toEqual(["canary-a", "canary-b"]);
    expect(await resolved(result.env)).toEqual([
      { name: "A", valueFrom: { secretKeyRef: { name: "github-secrets-1a2b", key: "A" } } },
      { name: "B", valueFrom: { secretKeyRef: { name: "github-secrets-1a2b", key: "B" } } },
    ]);
  });

  test("are files where the server reads files: read-only, and the variable holds the path", async () => {
    const { result } = await mount({
      A: ref("a"),
      B_FILE: ref("b", { file: true }),
      FAR_FILE: ref("far", { file: true }),
    });
    const { env, volumes, volumeMounts } = (await resolved(result)) as typeof result;
    const far = externalSecret("github", { FAR_FILE: store.external.far ?? { key: "" } }, settings);
    expect(env).toEqual([
      { name: "A", valueFrom: { secretKeyRef: { name: "github-secrets-1a2b", key: "A" } } },
      { name: "B_FILE", value: "/run/secrets/mcp/B_FILE" },
      { name: "FAR_FILE", value: "/run/secrets/mcp/FAR_FILE" },
    ]);
    expect(volumes).toEqual([
      {
        name: "mcp-secrets",
        projected: {
          defaultMode: 0o440,
          sources: [
            { secret: { name: "github-secrets-1a2b", items: [{ key: "B_FILE", path: "B_FILE" }] } },
            { secret: { name: far.metadata.name, items: [{ key: "FAR_FILE", path: "FAR_FILE" }] } },
          ],
        },
      },
    ]);
    expect(volumeMounts).toEqual([{ name: "mcp-secrets", mountPath: "/run/secrets/mcp", readOnly: true }]);
  });

  test("of an outside store are asked for by reference, and no value goes through Pulumi", async () => {
    const { result, registered, find } = await mount({ FAR: ref("far") });
    expect(registered.map(({ type }) => type)).toEqual(["kubernetes:external-secrets.io/v1:ExternalSecret"]);
    expect(result.kinds).toEqual([{ apiVersion: "external-secrets.io/v1", kind: "ExternalSecret" }]);
    const { inputs } = find("github-external-secrets");
    expect(inputs).toMatchObject({
      apiVersion: "external-secrets.io/v1",
      kind: "ExternalSecret",
      spec: {
        secretStoreRef: { name: "vault", kind: "ClusterSecretStore" },
        data: [{ secretKey: "FAR", remoteRef: { key: "prod/far", property: "token", version: "3" } }],
        refreshInterval: "0",
        target: { creationPolicy: "Owner", deletionPolicy: "Delete", immutable: true },
      },
    });
    expect(JSON.stringify(inputs)).not.toContain("canary");
    const { name } = (inputs.spec as { target: { name: string } }).target;
    expect(await resolved(result.env)).toEqual([
      { name: "FAR", valueFrom: { secretKeyRef: { name, key: "FAR" } } },
    ]);
  });
});

describe("what External Secrets Operator is asked for", () => {
  const asked = (external: SecretStoreModel["external"], name = "github") =>
    externalSecret(name, external, settings);

  test("has another name with another version, and the same with the same", () => {
    const names = ["3", "4", "3"].map((version) => asked({ A: { key: "a", version } }).metadata.name);
    expect(names[0]).toBe(names[2]);
    expect(names[0]).not.toBe(names[1]);
    expect(asked({ A: { key: "a" }, B: { key: "b" } }).metadata.name).toBe(
      asked({ B: { key: "b" }, A: { key: "a" } }).metadata.name,
    );
  });

  test("is looked at each hour, and may change, as soon as one has no version", () => {
    const { spec } = asked({ A: { key: "a", version: "1" }, B: { key: "b" } });
    expect(spec.refreshInterval).toBe("1h");
    expect(spec.target).not.toHaveProperty("immutable");
  });

  test("has a name that fits a label, however long the server's is", () => {
    expect(asked({ A: { key: "a" } }, "a".repeat(40)).metadata.name.length).toBeLessThanOrEqual(63);
  });
});
