import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { Project } from "../e2e/project.ts";
import { type TestCluster, testCluster } from "./cluster.ts";

/** Two teams with a stack and a namespace each; each test goes on where the last one ended. */
describe("a gateway on Kubernetes with the servers of another stack", () => {
  const namespaces = { servers: "offers-servers", gateway: "offers-gateway" };
  let cluster: TestCluster;
  let servers: Project;
  let platform: Project;

  beforeAll(async () => {
    cluster = await testCluster();
    const { image } = cluster;
    servers = await Project.running("offering.ts");
    platform = await Project.running("gathering.ts", servers);
    await servers.configure({
      kubernetes: { namespace: namespaces.servers, image, offeredTo: [namespaces.gateway] },
    });
    await platform.configure({ port: "7400", kubernetes: { namespace: namespaces.gateway, image } });
  });
  afterAll(async () => {
    await platform?.[Symbol.asyncDispose]();
    await servers?.[Symbol.asyncDispose]();
  });

  test("goes up, and the smoke test is green from one namespace to the other", async () => {
    const offered = await servers.up();
    expect(offered.exitCode, offered.output).toBe(0);
    const { exitCode, output } = await platform.up();
    expect(exitCode, output).toBe(0);
    expect(output).toMatch(/smoke test: PASSED/);
    const deployments = async (namespace: string) =>
      (await cluster.apps.listNamespacedDeployment({ namespace })).items.map(
        ({ metadata }) => metadata?.name,
      );
    expect(await deployments(namespaces.servers)).toEqual(["notes"]);
    expect(await deployments(namespaces.gateway)).toEqual(["edge"]);
  });

  test("sees in its preview that a server has a new release, and proves itself again without a new pod", async () => {
    const { exitCode, output } = await servers.up("--config", "release=2");
    expect(exitCode, output).toBe(0);
    const shown = await platform.preview();
    expect(shown.exitCode, shown.output).toBe(0);
    expect(shown.output).toMatch(/memory +update \[diff: ~.*revision\]/);
    expect(shown.output).toMatch(/smoke +update/);
    expect(shown.output).not.toMatch(/kubernetes:\S+ +edge\S* +(update|replace|create)/);
    const proved = await platform.up();
    expect(proved.exitCode, proved.output).toBe(0);
    expect(proved.output).toMatch(/smoke test: PASSED/);
  });

  test("is judged by the same rules: a tool that the server is not offered with", async () => {
    const { exitCode, output } = await platform.preview("--config", "tool=create_entities");
    expect(exitCode).not.toBe(0);
    expect(output).toContain("[known-tools]");
    expect(output).not.toMatch(/ {4}at |unhandled|promises/);
  });

  test("each stack takes its namespace with it", async () => {
    const gone = await Promise.all([platform, servers].map((stack) => stack.pulumi("destroy", "--yes")));
    for (const { exitCode, output } of gone) expect(exitCode, output).toBe(0);
    const names = (await cluster.core.listNamespace()).items.map(({ metadata }) => metadata?.name);
    for (const namespace of Object.values(namespaces)) expect(names).not.toContain(namespace);
  });
});
