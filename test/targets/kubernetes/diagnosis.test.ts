import type { V1ContainerStatus, V1Pod } from "@kubernetes/client-node";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import {
  diagnose,
  explain,
  shownLines,
  troubledPods,
} from "../../../components/targets/kubernetes/diagnosis.ts";
import { troublesOf } from "../../../components/targets/kubernetes/pod-troubles.ts";
import { newest } from "../../../components/targets/kubernetes/workload-facts.ts";
import { type TestCluster, testCluster } from "../../kubernetes/cluster.ts";

const image = "example.com/notes@sha256:abc";

function pod(status: Partial<V1ContainerStatus>, rest: Partial<V1Pod> = {}): V1Pod {
  const container = { name: "notes", image, imageID: "", ready: false, restartCount: 0, ...status };
  return { metadata: { name: "notes-1" }, status: { containerStatuses: [container] }, ...rest };
}

describe("what keeps a pod from being ready", () => {
  test.each<[string, V1Pod, string | undefined]>([
    ["nothing, when it is", { status: { conditions: [{ type: "Ready", status: "True" }] } }, undefined],
    [
      "nothing, when it is on its way out",
      pod({}, { metadata: { deletionTimestamp: new Date() } }),
      undefined,
    ],
    ["no node has taken it", { status: {} }, "has not been taken up by its node yet"],
    [
      "no node has room",
      {
        status: {
          conditions: [{ type: "PodScheduled", status: "False", message: "0/2 nodes: 2 Insufficient cpu." }],
        },
      },
      "finds no node: 0/2 nodes: 2 Insufficient cpu.",
    ],
    [
      "its node had no room any more",
      { status: { reason: "Evicted", message: "low on memory" } },
      "was evicted: low on memory",
    ],
    [
      "its image",
      pod({
        state: {
          waiting: {
            reason: "ImagePullBackOff",
            message: `Back-off pulling image "${image}": ErrImagePull: not found`,
          },
        },
      }),
      `container notes can't pull its image ${image} (not found)`,
    ],
    [
      "its Secret",
      pod({
        state: { waiting: { reason: "CreateContainerConfigError", message: 'secret "key" not found' } },
      }),
      'container notes lacks a Secret, a ConfigMap or a setting that it refers to (secret "key" not found)',
    ],
    [
      "its program, again and again",
      pod({
        restartCount: 2,
        state: { waiting: { reason: "CrashLoopBackOff" } },
        lastState: { terminated: { exitCode: 3 } },
      }),
      "container notes ends with exit code 3, 2 restarts",
    ],
    [
      "its program, just now",
      pod({ state: { terminated: { exitCode: 1 } } }),
      "container notes ends with exit code 1",
    ],
    [
      "its memory",
      pod(
        { restartCount: 1, state: { terminated: { exitCode: 137, reason: "OOMKilled" } } },
        { spec: { containers: [{ name: "notes", resources: { limits: { memory: "64Mi" } } }] } },
      ),
      "container notes took more memory than it may (64Mi) and was killed, 1 restart",
    ],
    [
      "its startup",
      pod({ started: false, state: { running: {} } }),
      "container notes runs, and does not answer its startup probe",
    ],
    [
      "its readiness, after a crash",
      pod({
        started: true,
        restartCount: 1,
        state: { running: {} },
        lastState: { terminated: { exitCode: 9 } },
      }),
      "container notes runs, and does not answer its readiness probe; before, it ends with exit code 9, 1 restart",
    ],
  ])("%s", (_, it, what) => {
    expect(troublesOf(it).map((trouble) => trouble.what)).toEqual(what === undefined ? [] : [what]);
  });

  test.each<[string, V1Pod, RegExp]>([
    [
      "a start that takes long",
      pod({ started: false, state: { running: {} } }),
      /^Raise `startTimeout`, or look/,
    ],
    [
      "a gateway's start",
      pod(
        { started: false, state: { running: {} } },
        { metadata: { name: "edge-1", labels: { "mcp-infra.dev/role": "gateway" } } },
      ),
      /^It starts when it reaches its servers/,
    ],
    [
      "a program that ends",
      pod({ state: { terminated: { exitCode: 3 } } }),
      /^It ends by itself: its last lines/,
    ],
    [
      "one that ends well, which servers don't",
      pod({ state: { terminated: { exitCode: 0 } } }),
      /^It ends by itself/,
    ],
    ["one that is killed", pod({ state: { terminated: { exitCode: 137 } } }), /raise `startTimeout`/],
    ["an image", pod({ state: { waiting: { reason: "ErrImagePull" } } }), /name and digest/],
  ])("comes with what to do: %s", (_, it, advice) => {
    expect(troublesOf(it)[0]?.advice).toMatch(advice);
  });

  test("is said once for pods that suffer the same", () => {
    const crashed = (name: string, restartCount: number) =>
      pod({ restartCount, state: { terminated: { exitCode: 3 } } }, { metadata: { name } });
    expect(troubledPods({ pods: [crashed("notes-a", 2), crashed("notes-b", 4)] })).toMatchObject([
      { pods: ["notes-a", "notes-b"] },
    ]);
  });
});

describe("a workload whose pods have no trouble", () => {
  const ready: V1Pod = {
    metadata: { name: "a" },
    status: { conditions: [{ type: "Ready", status: "True" }] },
  };
  const ending: V1Pod = { ...ready, metadata: { name: "a", deletionTimestamp: new Date() } };
  const said = (pods: V1Pod[], generation: number, status: object) =>
    explain(
      {
        deployments: [
          { metadata: { generation }, spec: { replicas: 1, selector: {}, template: {} }, status },
        ],
        replicaSets: [],
        pods,
        events: [],
      },
      [],
    );
  const done = { observedGeneration: 1, updatedReplicas: 1, readyReplicas: 1 };

  test("is said to be ready only when all of it is", () => {
    expect(said([ready], 1, done)).toMatch(/^its pods are ready now/);
    expect(said([ready], 2, done)).toMatch(/^a change of it is under way/);
    expect(said([ready], 1, { ...done, readyReplicas: 0 })).toMatch(/^a change .*: 0 of 1 pods are ready/);
    expect(said([ending], 1, done)).toMatch(/^its pods are about to end/);
  });
});

test("only the newest release is looked at", () => {
  const set = (uid: string, revision: string) => ({
    metadata: { uid, annotations: { "deployment.kubernetes.io/revision": revision } },
  });
  const owned = (name: string, uid: string): V1Pod => ({
    metadata: { name, ownerReferences: [{ apiVersion: "apps/v1", kind: "ReplicaSet", name: "x", uid }] },
  });
  const facts = {
    deployments: [],
    replicaSets: [set("old", "9"), set("new", "10")],
    pods: [owned("a", "old"), owned("b", "new")],
    events: [],
  };
  expect(newest(facts).pods.map(({ metadata }) => metadata?.name)).toEqual(["b"]);
});

test("of a log, the last ten lines are shown, without credentials and without what a terminal obeys", () => {
  const lines = Array.from({ length: 20 }, (_, index) => `line ${index + 1}`);
  const text = [...lines, "API_KEY=sk-0123456789abcdef", "\u001b[31mred\u001b[0m", "x ".repeat(400)].join(
    "\n",
  );
  const shown = shownLines(text)?.split("\n") ?? [];
  expect(shown).toHaveLength(10);
  expect(shown[0]).toBe("line 14");
  expect(shown).toContain("API_KEY=***");
  expect(shown).toContain("red");
  expect(shown.at(-1)?.length).toBeLessThan(310);
  expect(shownLines("\n")).toBeUndefined();
});

/** Pods that really fail, each in its own way. */
describe("a workload that does not become ready", () => {
  const namespace = `diagnosis-${process.pid}`;
  let cluster: TestCluster;

  const deploy = (name: string, container: object = {}, spec: object = {}) => {
    const labels = { app: name };
    const containers = [{ name, image: cluster.image.reference, ...container }];
    const template = {
      metadata: { labels },
      spec: { terminationGracePeriodSeconds: 1, ...spec, containers },
    };
    const body = {
      metadata: { name, labels },
      spec: { replicas: 1, selector: { matchLabels: labels }, template },
    };
    return cluster.apps.createNamespacedDeployment({ namespace, body });
  };
  const node = (script: string) => ({ command: ["node", "-e", script] });
  const requests = (cpu: string) => ({ resources: { requests: { cpu }, limits: { cpu } } });

  beforeAll(async () => {
    cluster = await testCluster();
    await cluster.core.createNamespace({ body: { metadata: { name: namespace } } });
  });
  afterAll(() => cluster?.core.deleteNamespace({ name: namespace, gracePeriodSeconds: 0 }));

  test.concurrent.for<[string, () => Promise<unknown>, RegExp]>([
    [
      "crash",
      () =>
        deploy("crash", node("console.error('TOKEN=abcdef123456: the disk is on fire'); process.exit(3)")),
      /container crash ends with exit code 3, \d+ restarts?\n {4}→ It ends by itself.*\n.*from before its last restart.*\n {4}\| TOKEN=\*\*\* the disk is on fire/,
    ],
    [
      "pull",
      () => deploy("pull", { image: `registry.invalid/none@sha256:${"0".repeat(64)}` }),
      /container pull can't pull its image registry\.invalid\/none@sha256:0+ \(.+\)\n {4}→ See that the reference is right/,
    ],
    [
      "secretless",
      () => deploy("secretless", { envFrom: [{ secretRef: { name: "gone" } }] }),
      /lacks a Secret.*\(secret "gone" not found\)/,
    ],
    [
      "big",
      () => deploy("big", requests("900")),
      /finds no node: .*Insufficient cpu.*\n {4}→ Give the cluster more nodes/,
    ],
    [
      "unready",
      () =>
        deploy("unready", {
          ...node("console.log('listening'); setInterval(() => {}, 1e3)"),
          readinessProbe: { tcpSocket: { port: 8080 }, periodSeconds: 1 },
        }),
      /does not answer its readiness probe\n.*\n {4}\| listening\n.*Readiness probe failed: .*\(Unhealthy\)/,
    ],
    [
      "nocommand",
      () => deploy("nocommand", { command: ["/no/such"] }),
      /can't be started by its node \(.*\/no\/such/,
    ],
    [
      "noaccount",
      () => deploy("noaccount", {}, { serviceAccountName: "missing" }),
      /^replica set noaccount-\w+: .*serviceaccount "missing" not found \(FailedCreate\)/,
    ],
  ])("%s", async ([name, deployed, words], { expect }) => {
    await deployed();
    await expect
      .poll(() => diagnose(cluster.kubeConfig, namespace, { app: name }), {
        timeout: 90_000,
        interval: 1_000,
      })
      .toMatch(words);
  });

  test("says which quota is exceeded", async () => {
    const other = `${namespace}-quota`;
    await cluster.core.createNamespace({ body: { metadata: { name: other } } });
    try {
      await cluster.core.createNamespacedResourceQuota({
        namespace: other,
        body: { metadata: { name: "small" }, spec: { hard: { pods: "0" } } },
      });
      const labels = { app: "many" };
      const containers = [{ name: "many", image: cluster.image.reference }];
      const template = { metadata: { labels }, spec: { containers } };
      const body = {
        metadata: { name: "many", labels },
        spec: { selector: { matchLabels: labels }, template },
      };
      await cluster.apps.createNamespacedDeployment({ namespace: other, body });
      await expect
        .poll(() => diagnose(cluster.kubeConfig, other, labels), { timeout: 30_000, interval: 1_000 })
        .toMatch(/exceeded quota: small.*\n {4}→ Have the namespace's quota raised/);
    } finally {
      await cluster.core.deleteNamespace({ name: other, gracePeriodSeconds: 0 });
    }
  });

  test("says that there is no such workload", async () => {
    expect(await diagnose(cluster.kubeConfig, namespace, { app: "absent" })).toBe(
      "its Deployment is not there",
    );
  });
});
