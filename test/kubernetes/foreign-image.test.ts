import { AutoscalingV2Api, PolicyV1Api, type V1Pod } from "@kubernetes/client-node";
import { Client, StreamableHTTPClientTransport } from "@modelcontextprotocol/client";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { forwarded } from "../../components/targets/kubernetes/port-forward.ts";
import { Project } from "../e2e/project.ts";
import { until } from "../gateway/fixture.ts";
import { type TestCluster, testCluster } from "./cluster.ts";
import { loadForeignImage } from "./foreign-image.ts";

const namespace = "foreign-image";

/** Servers from an image that holds one static program and nothing else; each test goes on where the last one ended. */
describe("servers from an image without Node and without a shell", () => {
  let cluster: TestCluster;
  let image: string;
  let project: Project;

  const pods = async (name?: string) => {
    const labelSelector = name && `app.kubernetes.io/name=${name}`;
    const { items } = await cluster.core.listNamespacedPod({ namespace, labelSelector });
    return items.filter(({ metadata }) => !metadata?.deletionTimestamp);
  };
  const namesOf = (list: V1Pod[]) => list.map(({ metadata }) => metadata?.name ?? "").sort();
  const up = async (...args: string[]) => {
    const { exitCode, output } = await project.up(...args);
    expect(exitCode, output).toBe(0);
    return output;
  };

  beforeAll(async () => {
    cluster = await testCluster();
    image = await loadForeignImage(cluster);
    project = await Project.running("../kubernetes/foreign-program.ts");
    await project.configure({ kubernetes: { namespace, image: cluster.image }, image });
  });
  afterAll(() => project?.[Symbol.asyncDispose]());

  test("serve through the gateway, the one on stdio by a runtime that is copied into its pod", async () => {
    expect(await up()).toMatch(/smoke test: PASSED/);
    const [pipe] = await pods("pipe");
    const imagesOf = (containers: { image?: string }[] = []) => containers.map(({ image }) => image);
    expect(imagesOf(pipe?.spec?.containers)).toEqual([image]);
    expect(imagesOf(pipe?.spec?.initContainers)).toEqual([cluster.image.reference]);
  });

  test("run restricted: as nobody, on a read-only image, without a privilege and without a token", async () => {
    const all = await pods();
    expect(new Set(all.map(({ metadata }) => metadata?.labels?.["app.kubernetes.io/name"]))).toEqual(
      new Set(["edge", "pipe", "web"]),
    );
    for (const { metadata, spec } of all) {
      const name = metadata?.name;
      expect(spec?.securityContext, name).toMatchObject({
        runAsNonRoot: true,
        seccompProfile: { type: "RuntimeDefault" },
      });
      for (const { securityContext, volumeMounts } of [
        ...(spec?.initContainers ?? []),
        ...(spec?.containers ?? []),
      ]) {
        expect(securityContext, name).toEqual({
          allowPrivilegeEscalation: false,
          capabilities: { drop: ["ALL"] },
          readOnlyRootFilesystem: true,
        });
        expect(volumeMounts?.map(({ mountPath }) => mountPath).join(), name).not.toContain("serviceaccount");
      }
    }
  });

  test("stand in several zones when they may be replicated, and each replica is called", async () => {
    const web = await pods("web");
    const nodes = (await cluster.core.listNode()).items;
    const zoneOf = ({ spec }: V1Pod) =>
      nodes.find(({ metadata }) => metadata?.name === spec?.nodeName)?.metadata?.labels?.[
        "topology.kubernetes.io/zone"
      ];
    expect(web).toHaveLength(2);
    if (nodes.length > 1) expect(new Set(web.map(zoneOf)).size).toBe(2);
    expect(await whoAnswers(20)).toEqual(namesOf(web));
  });

  test("get an autoscaler without losing a replica to it", async () => {
    const before = namesOf(await pods("web"));
    await up("--config", "autoscale=true");
    const { spec } = await cluster.kubeConfig
      .makeApiClient(AutoscalingV2Api)
      .readNamespacedHorizontalPodAutoscaler({ name: "web", namespace });
    expect(spec).toMatchObject({ minReplicas: 2, maxReplicas: 3 });
    const budget = async () =>
      (
        await cluster.kubeConfig
          .makeApiClient(PolicyV1Api)
          .readNamespacedPodDisruptionBudget({ name: "web", namespace })
      ).status;
    await until(async () => (await budget())?.disruptionsAllowed === 1);
    expect(namesOf(await pods("web"))).toEqual(before);
  });

  /** The pods that answer calls of the one tool, made side by side through the gateway. */
  async function whoAnswers(calls: number): Promise<string[]> {
    const { tokens } = (await project.outputs()) as { tokens: Record<string, string> };
    const way = { namespace, service: "edge", port: 7400, path: "/mcp" };
    return forwarded(cluster.kubeConfig, way, async (url) => {
      const client = new Client({ name: "test", version: "1.0.0" });
      const authProvider = { token: async () => tokens.caller };
      await client.connect(new StreamableHTTPClientTransport(new URL(url), { authProvider }));
      const call = { name: "web__echo", arguments: { message: "hello" } };
      const results = await Promise.all(Array.from({ length: calls }, () => client.callTool(call)));
      await client.close();
      const said = results.map(({ content }) => (content as { text?: string }[])[0]?.text ?? "");
      return [...new Set(said.map((text) => text.replace("hello from ", "")))].sort();
    });
  }
});
