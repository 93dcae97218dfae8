import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { buildImage } from "../../toolchain/image/index.ts";
import { newer, older, PromotionStacks } from "../e2e/promotion-stacks.ts";
import { type TestCluster, testCluster } from "./cluster.ts";

const namespace = "promotion";
const files = (version: string) => `npm:@modelcontextprotocol/server-filesystem@${version}`;

/** From a stack on this machine to one on a real cluster, by the real CLI; each test goes on where the last one ended. */
describe("a release that goes to a cluster", { timeout: 300_000 }, () => {
  let cluster: TestCluster;
  let stacks: PromotionStacks;

  /** The cluster's stack gets an image of the framework. */
  const onto = (image: TestCluster["image"]) =>
    stacks.configure("staging", { kubernetes: JSON.stringify({ namespace, image }) });
  /** Pods of a component that are not on their way out. */
  const podsOf = async (name: string) => {
    const labelSelector = `app.kubernetes.io/name=${name}`;
    const { items } = await cluster.core.listNamespacedPod({ namespace, labelSelector });
    return items.filter(({ metadata }) => !metadata?.deletionTimestamp);
  };
  /** The package that each pod of a server is started with. */
  const startedWith = async (server: string) =>
    (await podsOf(server)).map(({ spec }) => {
      const { args = [] } = spec?.containers.find(({ name }) => name === server) ?? {};
      return args[args.indexOf("--package") + 1];
    });
  /** The catalogue that each pod of the gateway has in the configuration it mounts. */
  const pinned = async () =>
    Promise.all(
      (await podsOf("edge")).map(async ({ spec }) => {
        const name = spec?.volumes?.find((volume) => volume.name === "config")?.configMap?.name ?? "";
        const { data } = await cluster.core.readNamespacedConfigMap({ name, namespace });
        return JSON.parse(data?.["gateway.json"] ?? "").catalogue;
      }),
    );
  /** The catalogue that a stack's record has proved. */
  const proved = async (stack: string) => {
    const { catalogue } = await stacks.record(stack);
    return (catalogue as { pinned: unknown }).pinned;
  };
  const promote = async () => {
    const { exitCode, output } = await stacks.promote();
    expect(exitCode, output).toBe(0);
    return output;
  };

  beforeAll(async () => {
    cluster = await testCluster();
    stacks = await PromotionStacks.make();
    await onto(cluster.image);
    // The other stack goes on declaring what the image doesn't have.
    await stacks.configure("test", { files: newer });
  });
  afterAll(() => stacks?.[Symbol.asyncDispose]());

  test("is proved on this machine, and runs in the pods, whatever the program declares there", async () => {
    expect(await stacks.up("test")).toMatch(/smoke test: PASSED/);
    await stacks.release("test");
    expect(await promote()).toContain(`files: ${files(newer)}`);
    expect(await stacks.up("staging")).toMatch(/smoke test: PASSED/);
    expect(await startedWith("files")).toEqual([files(newer)]);
    expect(await startedWith("tools")).toEqual(["npm:@modelcontextprotocol/server-everything@2026.8.31"]);
  });

  test("pins the gateway in the cluster to the catalogue that was proved on this machine", async () => {
    const catalogue = await proved("test");
    expect(catalogue).toHaveProperty(["agent", "tools", "files", "list_directory"]);
    expect(await pinned()).toEqual([catalogue, catalogue]);
  });

  test("is proved once more in the cluster, with the same artifacts", async () => {
    await stacks.release("staging");
    const { artifacts } = await stacks.record("test");
    expect(await stacks.record("staging")).toMatchObject({
      artifacts,
      promotedFrom: { stack: "test" },
      evidence: { stack: "staging", policies: { mandatory: 0 } },
    });
  });

  test("is refused when the cluster's image doesn't have a package of it", async () => {
    const standing = await stacks.record("staging");
    await stacks.configure("test", { files: older });
    await stacks.up("test");
    await stacks.release("test");
    const { exitCode, output } = await stacks.promote();
    expect(exitCode).toBe(1);
    expect(output).toContain("test is not promoted, staging stays as it is");
    expect(output).toContain(
      `server files: stdio.package: is "${files(older)}", and the target's image has ${cluster.image.packages[0]}`,
    );
    expect(output).toContain("npm run image -- npm:…");
    expect(await stacks.record("staging")).toEqual(standing);
  });

  test("goes there with an image that has it, and back again, proved by the smoke test", async () => {
    const { reference, tar, packages } = await buildImage({
      packages: [...cluster.image.packages, files(older)],
    });
    await cluster.loadImage(tar, reference);
    await onto({ reference, packages: [...packages] });
    await promote();
    await stacks.up("staging");
    expect(await startedWith("files")).toEqual([files(older)]);

    const back = await stacks.project.cli("rollback", "--stack", "staging", "--up");
    expect(back.exitCode, back.output).toBe(0);
    expect(back.output).toMatch(/smoke test: PASSED/);
    expect(await startedWith("files")).toEqual([files(newer)]);
  });

  test("leaves nothing when its stack is destroyed", async () => {
    const { exitCode, output } = await stacks.project.pulumi("destroy", "--yes", "--stack", "staging");
    expect(exitCode, output).toBe(0);
    await expect(cluster.core.readNamespace({ name: namespace })).rejects.toThrow(/404|not found/i);
  });
});
