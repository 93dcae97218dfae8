import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { Project } from "../e2e/project.ts";
import { until } from "../gateway/fixture.ts";
import { type TestCluster, testCluster } from "./cluster.ts";
import { startLoad } from "./load.ts";

const namespace = "failover";

/** A failover group in a real cluster, whose primary is killed while it is called. */
describe("a failover group on Kubernetes", () => {
  let cluster: TestCluster;
  let project: Project;
  const podsOf = async (name: string) => {
    const labelSelector = `app.kubernetes.io/name=${name}`;
    const { items } = await cluster.core.listNamespacedPod({ namespace, labelSelector });
    return items
      .filter(({ metadata }) => !metadata?.deletionTimestamp)
      .map(({ metadata }) => metadata?.name ?? "");
  };
  const isReady = async (name: string) =>
    ((await cluster.apps.readNamespacedDeploymentStatus({ name, namespace })).status?.readyReplicas ?? 0) > 0;
  const isGreen = async () => {
    const { exitCode, output } = await project.cli("smoke");
    if (exitCode !== 0) throw new Error(output);
    return true;
  };

  beforeAll(async () => {
    cluster = await testCluster();
    project = await Project.running("failover-program.ts");
    // The load comes from there.
    const callersFrom = ["default"];
    await project.configure({
      port: "7400",
      kubernetes: { namespace, image: cluster.image, callersFrom },
    });
  });
  afterAll(() => project?.[Symbol.asyncDispose]());

  test("goes up, the standby as a workload of its own that the gateway reaches", async () => {
    const { exitCode, output } = await project.up();
    expect(exitCode, output).toBe(0);
    expect(output).toMatch(/smoke test: PASSED/);
    expect(await podsOf("tools-standby")).toHaveLength(1);
  });

  test("a primary that is killed under load loses no call, and comes back", async () => {
    const { endpoint, tokens } = (await project.outputs()) as {
      endpoint: string;
      tokens: Record<string, string>;
    };
    await using calls = await startLoad({
      kubeConfig: cluster.kubeConfig,
      namespace: "default",
      image: cluster.image.reference,
      endpoint,
      token: tokens.agent ?? "",
      tool: "tools__echo",
      arguments: { message: "still there" },
      expected: "still there",
    });
    await until(isGreen, 60_000);
    const [victim = ""] = await podsOf("tools");
    await cluster.core.deleteNamespacedPod({ name: victim, namespace, gracePeriodSeconds: 0 });
    await until(async () => !(await podsOf("tools")).includes(victim) && (await isReady("tools")), 60_000);
    await until(isGreen, 60_000);
    const report = await calls.stop();
    expect(report.failures).toEqual([]);
    expect(report.calls).toBeGreaterThan(100);
    // Less than a pod takes to start: the standby has answered.
    expect(report.worstMs).toBeLessThan(5_000);
  });

  test("destroy leaves nothing", async () => {
    const { exitCode, output } = await project.pulumi("destroy", "--yes");
    expect(exitCode, output).toBe(0);
    await expect(cluster.core.readNamespace({ name: namespace })).rejects.toThrow(/404|not found/i);
  });
});
