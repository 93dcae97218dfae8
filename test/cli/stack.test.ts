import { describe, expect, test } from "vitest";
import { gatewayIn } from "../../cli/stack.ts";
import type { StateResource } from "../../cli/state.ts";
import { statusOf } from "../../cli/targets/kubernetes.ts";
import { gatewayService, workloadsOf } from "../../cli/targets/kubernetes-state.ts";
import { diagram } from "../../components/views/diagram.ts";

const urn = (type: string, name: string) => `urn:pulumi:staging::team::${type}::${name}`;
const resource = (type: string, name: string, rest: Partial<StateResource> = {}): StateResource => ({
  urn: urn(type, name),
  type,
  ...rest,
});
const secret = (value: unknown) => ({
  "4dabf18193072939515e22adb298388d": "1b47061264138c4ac30d75fd1eb44270",
  plaintext: JSON.stringify(value),
});

const gatewayUrn = urn("mcp-infra:index:Gateway", "edge");
const providerUrn = urn("pulumi:providers:kubernetes", "support");
const inCluster = { parent: gatewayUrn, provider: `${providerUrn}::an-id` };

function gateway(target: string, name = "edge"): StateResource {
  const model = {
    scope: "gateway",
    name,
    target,
    servers: [],
    consumers: [{ name: "reader", identity: {}, uses: [] }],
    secrets: [],
  };
  return resource("mcp-infra:index:Gateway", name, { inputs: { model } });
}
const token = resource("mcp-infra-local:index:Token", "edge-reader-token", {
  parent: gatewayUrn,
  outputs: { value: secret("a-token") },
});
const provider = resource("pulumi:providers:kubernetes", "support", {
  inputs: { kubeconfig: secret("contents"), context: "near" },
});
function service(annotations?: Record<string, string>): StateResource {
  const inputs = {
    metadata: { name: "edge", namespace: "support", annotations },
    spec: { ports: [{ name: "mcp", port: 7400 }] },
  };
  return resource("kubernetes:core/v1:Service", "edge", { ...inCluster, inputs, outputs: inputs });
}
const process = resource("mcp-infra-local:index:Process", "edge-process", {
  parent: gatewayUrn,
  inputs: { gateway: { config: {} } },
  outputs: { url: "http://127.0.0.1:7400/mcp" },
});

describe("what an earlier version left in a state", () => {
  test("is read as that version meant it: nothing was tried again, and nobody else signed tokens", () => {
    const server = { name: "notes", stdio: { command: "notes", args: [] }, env: {}, replicas: 1 };
    const old = gateway("local");
    Object.assign(old.inputs?.model as object, {
      servers: [server],
      gateway: {
        name: "edge",
        listen: { host: "127.0.0.1", port: 7400 },
        auth: { mode: "tokens" },
        resilience: {},
      },
    });
    const { model, credentials } = gatewayIn([old, process, token], undefined);
    expect(model.servers).toEqual([{ ...server, resilience: {}, perTool: {} }]);
    expect(model.gateway).toMatchObject({
      auth: { mode: "tokens", issuers: [] },
      failover: [],
      resilience: { retry: false, circuitBreaker: false, concurrency: false },
    });
    expect(diagram(model)).toContain("token for every caller");
    expect(credentials).toEqual({});
  });

  test("credentials of a smoke test are read decrypted", () => {
    const reader = {
      issuer: "https://login.example.com",
      clientId: "a",
      clientSecret: "b",
      scopes: [],
      resource: "",
    };
    const smokeTest = resource("mcp-infra:index:SmokeTest", "smoke", {
      inputs: { gateway: "edge", credentials: secret({ reader }) },
    });
    expect(gatewayIn([gateway("local"), process, smokeTest], undefined).credentials).toEqual({ reader });
  });
});

describe("a gateway in a stack's state", () => {
  test.each([
    ["a process of this machine", [gateway("local"), process], "http://127.0.0.1:7400/mcp", false],
    [
      "a service of a cluster, by a way that is opened",
      [provider, gateway("kubernetes"), service()],
      "http://127.0.0.1:7400/mcp",
      true,
    ],
    [
      "a service of a cluster, where it is exposed",
      [provider, gateway("kubernetes"), service({ "mcp-infra.dev/url": "https://mcp.example.com/mcp" })],
      "https://mcp.example.com/mcp",
      false,
    ],
  ])("is %s", (_, resources, endpoint, forwarded) => {
    expect(gatewayIn([...resources, token])).toMatchObject({
      endpoint,
      forwarded,
      tokens: { reader: "a-token" },
      smokeDeadlineMs: 60_000,
    });
  });

  test.each<[string, StateResource[], string | undefined, string]>([
    ["nothing", [], undefined, "Nothing is deployed in this stack"],
    ["a gateway that never came up", [gateway("local")], undefined, "Gateway edge is not up"],
    ["one without its service", [gateway("kubernetes")], undefined, "Gateway edge is not up"],
    ["another name", [gateway("local"), process], "gate", 'There is no gateway "gate"; there is edge.'],
    ["two of them", [gateway("local"), gateway("local", "gate")], undefined, "several gateways: edge, gate."],
    ["a target of the future", [gateway("moon")], undefined, 'runs on "moon"'],
  ])("is not found among %s", (_, resources, name, message) => {
    expect(() => gatewayIn(resources, name)).toThrow(message);
  });

  test("is in the cluster that its provider was given", () => {
    expect(gatewayService([provider, service()], [service()])).toEqual({
      connection: { kubeconfig: "contents", context: "near" },
      namespace: "support",
      name: "edge",
      port: 7400,
    });
  });

  test("is in this machine's own cluster when its provider was given none", () => {
    const bare = { ...provider, inputs: {} };
    expect(gatewayService([bare, service()], [service()])?.connection).toEqual({});
  });
});

const server = resource("mcp-infra:index:Server", "notes", {
  inputs: { artifact: "npm:notes@1.0.0" },
});
const deployment = resource("kubernetes:apps/v1:Deployment", "notes", {
  parent: server.urn,
  provider: `${providerUrn}::an-id`,
  inputs: {
    metadata: { name: "notes", namespace: "support", labels: { "mcp-infra.dev/role": "server" } },
    spec: { selector: { matchLabels: { app: "notes" } } },
  },
});

test("a stack's workloads, each with the package that it runs", () => {
  expect(workloadsOf([provider, server, deployment])).toEqual([
    {
      connection: { kubeconfig: "contents", context: "near" },
      namespace: "support",
      name: "notes",
      role: "server",
      labels: { app: "notes" },
      artifact: "npm:notes@1.0.0",
    },
  ]);
});

describe("the status of a workload", () => {
  const workload = {
    connection: {},
    namespace: "support",
    name: "notes",
    role: "server",
    labels: { app: "notes" },
  };
  const image = `example.com/notes@sha256:${"ab".repeat(32)}`;
  const seen = (status: object) => ({
    deployments: [
      {
        metadata: { name: "notes" },
        spec: { replicas: 2, selector: {}, template: { spec: { containers: [{ name: "notes", image }] } } },
        status,
      },
    ],
    replicaSets: [],
    pods: [
      {
        metadata: { name: "notes-1" },
        status: {
          conditions: [],
          containerStatuses: [
            {
              name: "notes",
              image,
              imageID: "",
              ready: false,
              restartCount: 4,
              state: { waiting: { reason: "CrashLoopBackOff" } },
              lastState: { terminated: { exitCode: 3 } },
            },
          ],
        },
      },
    ],
    events: [],
  });

  test.each([
    ["all are ready", { readyReplicas: 2, updatedReplicas: 2 }, "2/2", false],
    ["one is missing", { readyReplicas: 1, updatedReplicas: 2 }, "1/2", true],
    ["none has begun", undefined, "0/2", true],
    [
      "all are ready and some are of the release before",
      { readyReplicas: 2, updatedReplicas: 1 },
      "2/2",
      true,
    ],
    [
      "a release that goes no further",
      { readyReplicas: 2, updatedReplicas: 2, conditions: [{ type: "Progressing", status: "False" }] },
      "2/2",
      true,
    ],
  ])("when %s", (_, status, ready, failing) => {
    const judged = statusOf([{ workload, facts: seen(status as object) }]);
    expect(judged.failing).toBe(failing);
    expect(judged.rows).toEqual([
      [
        "notes",
        "server",
        ready,
        "4",
        "example.com/notes@sha256:abababababab…",
        failing ? "pod notes-1: container notes ends with exit code 3, 4 restarts" : "",
      ],
    ]);
  });

  test("when somebody has deleted it", () => {
    const nothing = { deployments: [], replicaSets: [], pods: [], events: [] };
    expect(statusOf([{ workload, facts: nothing }])).toMatchObject({
      failing: true,
      rows: [["notes", "server", "0/0", "0", "", "its Deployment is not there"]],
    });
  });
});
