import { describe, expect, test } from "vitest";
import { judgeNamespace } from "../../../components/targets/kubernetes/preflight/namespace.ts";
import { quantity } from "../../../components/targets/kubernetes/preflight/quantity.ts";
import { lacking, type Right } from "../../../components/targets/kubernetes/preflight/rights.ts";
import { judgeVersion } from "../../../components/targets/kubernetes/preflight/server-version.ts";
import { judgeWorkloads } from "../../../components/targets/kubernetes/preflight/workloads.ts";

test.each([
  ["1.29 is too old", { major: "1", minor: "29", gitVersion: "v1.29.8" }, 1],
  ["1.29 of a cloud is too old", { major: "1", minor: "29+", gitVersion: "v1.29.8-eks-1" }, 1],
  ["1.30 will do", { major: "1", minor: "30", gitVersion: "v1.30.0" }, 0],
  ["a version of the future will do", { major: "2", minor: "0", gitVersion: "v2.0.0" }, 0],
  ["what can't be read is not judged", { major: "1", minor: "?", gitVersion: "dev" }, 0],
])("%s", (_, version, count) => {
  const value = {
    ...version,
    buildDate: "",
    compiler: "",
    gitCommit: "",
    gitTreeState: "",
    goVersion: "",
    platform: "",
  };
  const findings = judgeVersion({ version: { value } });
  expect(findings).toHaveLength(count);
  for (const { reason } of findings) expect(reason).toContain(version.gitVersion);
});

describe("a Deployment of a wanted name", () => {
  const labels = { "app.kubernetes.io/part-of": "mcp-infra" };
  const needs = { stack: "a/b/one", workloads: ["notes", "edge"], volumes: ["notes"] };
  const judged = (name: string, owner?: string) => {
    const annotations = owner ? { "mcp-infra.dev/stack": owner } : undefined;
    const deployments = { value: { items: [{ metadata: { name, labels, annotations } }] } };
    return judgeWorkloads({ deployments }, "shared", needs);
  };

  test("that is another stack's is in the way, and says whose it is", () => {
    expect(judged("notes", "a/b/two")).toMatchObject([
      { severity: "error", reason: expect.stringContaining("the stack a/b/two's") },
    ]);
  });

  test.each([
    ["of this stack", "notes", "a/b/one"],
    ["of this framework's without a mark, which is adopted", "notes", undefined],
    ["of another name", "other", "a/b/two"],
  ])("%s is not", (_, name, owner) => {
    expect(judged(name, owner)).toEqual([]);
  });

  test("that has nothing to do with this framework is in the way, as are a Service and a claim", () => {
    const list = (...names: string[]) => ({
      value: { items: names.map((name) => ({ metadata: { name } })) },
    });
    const all = {
      deployments: list("notes"),
      services: list("edge", "other"),
      volumes: list("edge", "notes"),
    };
    expect(judgeWorkloads(all, "shared", needs).map(({ reason }) => reason)).toEqual([
      'the Deployment "notes" of the namespace "shared" is somebody else\'s',
      'the Service "edge" of the namespace "shared" is somebody else\'s',
      'the PersistentVolumeClaim "notes" of the namespace "shared" is somebody else\'s',
    ]);
  });
});

test.each(["kube-system", "kube-public", "default"])("nobody is told how to take over %s", (name) => {
  const namespace = { value: { metadata: { name } } };
  const findings = judgeNamespace({ namespace }, { namespace: name, namespacePolicy: "create" }, "a/b/one");
  expect(findings).toMatchObject([
    { severity: "error", reason: `the namespace "${name}" is the cluster's own` },
  ]);
  expect(findings[0]?.remediation).not.toContain("kubectl");
});

test.each([
  ["500m", 0.5],
  ["2", 2],
  ["1.5Gi", 1.5 * 2 ** 30],
  ["1e3", 1000],
  [".5", 0.5],
  ["100k", 100_000],
  ["2E", 2e18],
  ["lots", undefined],
  ["1 Gi", undefined],
  ["", undefined],
])("the quantity %s", (text, value) => {
  expect(quantity(text)).toBe(value);
});

describe("a right", () => {
  const right: Right = { verb: "get", group: "apps", resource: "deployments" };
  const log: Right = { verb: "get", group: "", resource: "pods/log" };
  const rule = (verbs: string[], apiGroups: string[], resources: string[]) => ({
    verbs,
    apiGroups,
    resources,
  });

  test.each<[string, Right, ReturnType<typeof rule>[], boolean]>([
    ["by its name", right, [rule(["get"], ["apps"], ["deployments"])], true],
    ["by all verbs", right, [rule(["*"], ["apps"], ["deployments"])], true],
    ["by everything", right, [rule(["*"], ["*"], ["*"])], true],
    [
      "in parts that don't meet",
      right,
      [rule(["get"], ["batch"], ["*"]), rule(["list"], ["apps"], ["*"])],
      false,
    ],
    ["of another group", right, [rule(["get"], ["extensions"], ["deployments"])], false],
    ["of a subresource by its name", log, [rule(["get"], [""], ["pods/log"])], true],
    ["of every such subresource", log, [rule(["get"], [""], ["*/log"])], true],
    ["of the resource alone is not one of its parts", log, [rule(["get"], [""], ["pods"])], false],
    ["by no rule", right, [], false],
  ])("is given %s", (_, wanted, rules, given) => {
    expect(lacking([wanted], rules)).toEqual(given ? [] : [wanted]);
  });
});
