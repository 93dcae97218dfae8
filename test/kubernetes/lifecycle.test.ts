import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { Project, type Run } from "../e2e/project.ts";
import { until } from "../gateway/fixture.ts";
import { type TestCluster, testCluster } from "./cluster.ts";
import { drain, uncordon } from "./drain.ts";
import { startLoad } from "./load.ts";

const namespace = "lifecycle";

/** A life on a real cluster, through the real CLI; each test goes on where the last one ended. */
describe("a stack on Kubernetes", () => {
  let cluster: TestCluster;
  let project: Project;

  const up = (variation: string, ...args: string[]) =>
    project.up("--config", `variation=${variation}`, ...args);
  const green = async (variation: string, ...args: string[]) => {
    const { exitCode, output } = await up(variation, ...args);
    expect(exitCode, output).toBe(0);
    return output;
  };
  /** Names of a component's pods that are not on their way out. */
  const podsOf = async (name: string) => {
    const labelSelector = `app.kubernetes.io/name=${name}`;
    const { items } = await cluster.core.listNamespacedPod({ namespace, labelSelector });
    return items
      .filter(({ metadata }) => !metadata?.deletionTimestamp)
      .map(({ metadata }) => metadata?.name ?? "");
  };
  const readyReplicas = async (name: string) =>
    (await cluster.apps.readNamespacedDeploymentStatus({ name, namespace })).status?.readyReplicas ?? 0;
  const load = async () => {
    const { endpoint, tokens } = (await project.outputs()) as {
      endpoint: string;
      tokens: Record<string, string>;
    };
    return startLoad({
      kubeConfig: cluster.kubeConfig,
      namespace: "default",
      image: cluster.image.reference,
      endpoint,
      token: tokens.reader ?? "",
      tool: "utilities__get-sum",
      arguments: { a: 1, b: 2 },
      expected: "3",
    });
  };
  /** What becomes of calls while something happens. */
  const underLoad = async (happens: () => Promise<unknown>) => {
    await using calls = await load();
    await happens();
    const report = await calls.stop();
    expect(report.failures).toEqual([]);
    expect(report.calls).toBeGreaterThan(100);
    return report;
  };

  beforeAll(async () => {
    cluster = await testCluster();
    project = await Project.running("program.ts");
    // The load comes from there.
    const callersFrom = ["default"];
    await project.configure({
      ports: [7400, 3001],
      kubernetes: { namespace, image: cluster.image, callersFrom },
    });
  });
  afterAll(() => project?.[Symbol.asyncDispose]());

  test("goes up, and the smoke test is green through a port-forward of its own", async () => {
    expect(await green("none")).toMatch(/smoke test: PASSED/);
    expect(await podsOf("edge")).toHaveLength(2);
  });

  test("stays as it is when nothing has changed", async () => {
    const output = await green("none");
    expect(output).toMatch(/\d+ unchanged/);
    expect(output).not.toMatch(/updated|created|replaced|smoke test:/);
  });

  test("a new release of the gateway loses no call", async () => {
    const before = await podsOf("edge");
    await underLoad(() => green("gateway-changed"));
    expect((await podsOf("edge")).filter((name) => before.includes(name))).toEqual([]);
  });

  test("a new release of a server loses no call", async () => {
    const before = await podsOf("utilities");
    await underLoad(() => green("utilities-changed"));
    expect(await podsOf("utilities")).not.toEqual(before);
  });

  test("scales out and in without losing a call", async () => {
    await underLoad(async () => {
      await green("gateway-scaled");
      expect(await podsOf("edge")).toHaveLength(3);
      await green("none");
    });
    expect(await podsOf("edge")).toHaveLength(2);
  });

  test("a rotated secret rolls the server that uses it, and nothing else", async () => {
    const before = {
      edge: await podsOf("edge"),
      notes: await podsOf("notes"),
      utilities: await podsOf("utilities"),
    };
    await project.pulumi("config", "set", "--secret", "given", "another-secret-of-the-test");
    await green("none");
    expect(await podsOf("utilities")).not.toEqual(before.utilities);
    expect({ edge: await podsOf("edge"), notes: await podsOf("notes") }).toEqual({
      edge: before.edge,
      notes: before.notes,
    });
  });

  test("a killed pod comes back by itself", async () => {
    const [victim = ""] = await podsOf("notes");
    await cluster.core.deleteNamespacedPod({ name: victim, namespace, gracePeriodSeconds: 0 });
    await until(
      async () => !(await podsOf("notes")).includes(victim) && (await readyReplicas("notes")) === 1,
      60_000,
    );
    // The first call that looks for the pod that was killed waits for its successor, longer than the objective allows.
    await until(async () => {
      const { exitCode, output } = await project.cli("smoke");
      if (exitCode !== 0) throw new Error(output);
      return true;
    }, 60_000);
  });

  test("a node is drained without losing a call", async () => {
    const { items } = await cluster.core.listNamespacedPod({
      namespace,
      labelSelector: "app.kubernetes.io/name=edge",
    });
    const nodes = new Set(items.map(({ spec }) => spec?.nodeName ?? ""));
    // A cluster of one node has nowhere to go.
    if ((await cluster.core.listNode()).items.length < 2) return;
    expect(nodes.size, "the gateway's pods stand on nodes of their own").toBe(2);
    const [node = ""] = nodes;
    try {
      await underLoad(() => drain(cluster, node, namespace));
    } finally {
      await uncordon(cluster, node);
    }
    await until(async () => (await readyReplicas("edge")) === 2, 60_000);
  });

  test("an image that can't be had and a server that won't start fail with their reasons, and what was there serves on", async () => {
    let failed: Run | undefined;
    await underLoad(async () => {
      failed = await up("two-broken");
    });
    expect(failed?.exitCode).not.toBe(0);
    expect(failed?.output).toMatch(/pod utilities-\S+: .*mcp-infra\.local\/missing@sha256:0/);
    expect(failed?.output).toMatch(/pod clock-\S+: .*no-such-transport/s);
    expect(await green("none")).toMatch(/smoke test: PASSED/);
  }, 240_000);

  test("destroy leaves nothing", async () => {
    const { exitCode, output } = await project.pulumi("destroy", "--yes");
    expect(exitCode, output).toBe(0);
    await expect(cluster.core.readNamespace({ name: namespace })).rejects.toThrow(/404|not found/i);
  });
});
