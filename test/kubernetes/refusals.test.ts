import { createServer, type Server } from "node:net";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { Project, type Run } from "../e2e/project.ts";
import { type TestCluster, testCluster } from "./cluster.ts";

/** What stands in the way is said, one thing after the other until there is nothing left; through the real CLI. */
describe("a stack in somebody else's namespace", () => {
  const namespace = "refusals";
  const service = { namespace, name: "notes" };
  let cluster: TestCluster;
  let project: Project;

  /** The stack's target: in a namespace that somebody made before. */
  const onto = (changes: object) =>
    project.configure({
      kubernetes: { namespace, image: cluster.image, namespacePolicy: "existing", ...changes },
    });
  const expectRefusal = ({ exitCode, output }: Run, ...reasons: (string | RegExp)[]) => {
    expect(exitCode, output).not.toBe(0);
    for (const reason of reasons) expect(output).toMatch(reason);
    expect(output).not.toMatch(/ {4}at |unhandled|promises/);
  };

  beforeAll(async () => {
    cluster = await testCluster();
    project = await Project.running("offering.ts");
    await cluster.core.createNamespace({ body: { metadata: { name: namespace } } });
    await cluster.core.createNamespacedService({
      namespace,
      fieldManager: "team-b",
      body: {
        metadata: { name: service.name },
        spec: { selector: { app: "theirs" }, ports: [{ name: "web", port: 8080, targetPort: 9090 }] },
      },
    });
  });
  afterAll(async () => {
    await project?.[Symbol.asyncDispose]();
    await cluster?.core.deleteNamespace({ name: namespace });
  });

  test("is told of a cluster that gives no answer, and doesn't wait for one", async () => {
    await using silent = await silentServer();
    const cluster = { name: "silent", cluster: { server: silent.url, "insecure-skip-tls-verify": true } };
    const kubeconfig = JSON.stringify({
      clusters: [cluster],
      users: [{ name: "nobody", user: { token: "canary" } }],
      contexts: [{ name: "silent", context: { cluster: "silent", user: "nobody" } }],
      "current-context": "silent",
    });
    await onto({ kubeconfig });
    const started = performance.now();
    const run = await project.preview();
    expect(performance.now() - started).toBeLessThan(40_000);
    expectRefusal(run, `the cluster at ${silent.url} gives no answer in time`);
    expect(run.output).not.toContain("canary");
  });

  test.each<[what: string, changes: object, reasons: (string | RegExp)[]]>([
    [
      "a namespace that is somebody else's",
      { namespacePolicy: "create" },
      [/namespace "refusals" already, made by somebody else/, /kubectl annotate namespace refusals/],
    ],
    [
      "a quota of its own that its pods don't fit in",
      { namespace: "refusals-new", namespacePolicy: "create", quota: { memory: "64Mi" } },
      [/allows requests\.memory 64Mi .* needs 256Mi/, /property quota/],
    ],
  ])("is refused %s", async (_, changes, reasons) => {
    await onto(changes);
    expectRefusal(await project.up(), ...reasons);
  });

  test("is refused a package that the image doesn't have", async () => {
    await onto({ image: { ...cluster.image, packages: [] } });
    expectRefusal(
      await project.up(),
      "server notes: stdio.package: ",
      "the target's image has no package",
      "npm run image",
    );
  });

  test("is refused a Service that is somebody else's, and leaves it as it is", async () => {
    const { items } = await cluster.apps.listNamespacedDeployment({ namespace });
    expect(items, "nothing was made until now").toEqual([]);
    await onto({});
    expectRefusal(
      await project.up(),
      `the Service "notes" of the namespace "${namespace}" is somebody else's`,
    );
    const { items: made } = await cluster.core.listNamespacedConfigMap({ namespace });
    expect(made.map(({ metadata }) => metadata?.name)).toEqual(["kube-root-ca.crt"]);
    const { spec } = await cluster.core.readNamespacedService(service);
    expect([spec?.selector, spec?.ports]).toMatchObject([{ app: "theirs" }, [{ name: "web" }]]);
  });

  test("goes into a namespace that was there once nothing is in its way, and leaves it standing at the end", async () => {
    await cluster.core.deleteNamespacedService(service);
    await cluster.core.createNamespacedConfigMap({ namespace, body: { metadata: { name: "theirs" } } });
    const { exitCode, output } = await project.up();
    expect(exitCode, output).toBe(0);
    expect((await cluster.core.readNamespacedService(service)).spec?.ports?.[0]?.name).toBe("mcp");
    const destroyed = await project.pulumi("destroy", "--yes");
    expect(destroyed.exitCode, destroyed.output).toBe(0);
    expect((await cluster.core.readNamespace({ name: namespace })).status?.phase).toBe("Active");
    const left = await Promise.all([
      cluster.core.listNamespacedConfigMap({ namespace }),
      cluster.core.listNamespacedService({ namespace }),
      cluster.core.listNamespacedSecret({ namespace }),
      cluster.core.listNamespacedPersistentVolumeClaim({ namespace }),
    ]);
    const names = left.flatMap(({ items }) => items.map(({ metadata }) => metadata?.name ?? ""));
    expect(names.sort()).toEqual(["kube-root-ca.crt", "theirs"]);
  });
});

describe.each(["create", "existing"] as const)(
  "two stacks of one name, each with a state of its own (%s)",
  (namespacePolicy) => {
    const namespace = `same-name-${namespacePolicy}`;
    let cluster: TestCluster;
    const projects: Project[] = [];

    beforeAll(async () => {
      cluster = await testCluster();
      if (namespacePolicy === "existing")
        await cluster.core.createNamespace({ body: { metadata: { name: namespace } } });
      for (let count = 0; count < 2; count++) {
        const project = await Project.running("offering.ts");
        projects.push(project);
        await project.configure({ kubernetes: { namespace, image: cluster.image, namespacePolicy } });
      }
    });
    afterAll(async () => {
      for (const project of projects) await project[Symbol.asyncDispose]();
      if (namespacePolicy === "existing") await cluster?.core.deleteNamespace({ name: namespace });
    });

    test("do not share a namespace: the second is told, makes nothing, and takes nothing away", async () => {
      const [first, second] = projects as [Project, Project];
      const ours = async () => {
        const { items } = await cluster.core.listNamespacedPod({ namespace });
        const claims = await cluster.core.listNamespacedPersistentVolumeClaim({ namespace });
        return [...items, ...claims.items].map(({ metadata }) => metadata?.uid).sort();
      };
      const made = await first.up();
      expect(made.exitCode, made.output).toBe(0);
      const before = await ours();
      expect(before).toHaveLength(2);

      const refused = await second.up();
      expect(refused.exitCode).not.toBe(0);
      expect(refused.output).toMatch(new RegExp(`the namespace "${namespace}" is another stack's`));
      expect(refused.output).toMatch(/pulumi login/);
      expect(refused.output).not.toMatch(/(Deployment|PersistentVolumeClaim|Secret) .*created/);
      const destroyed = await second.pulumi("destroy", "--yes");
      expect(destroyed.exitCode, destroyed.output).toBe(0);
      expect(await ours()).toEqual(before);

      for (const again of [await first.up(), await first.pulumi("refresh", "--yes"), await first.up()]) {
        expect(again.exitCode, again.output).toBe(0);
        expect(again.output).toMatch(/\d+ unchanged/);
        expect(again.output).not.toMatch(/\d+ (updated|replaced|created)/);
      }
      expect(await ours()).toEqual(before);
    });
  },
);

/** Takes connections and says nothing. */
async function silentServer(): Promise<{ url: string } & AsyncDisposable> {
  const sockets = new Set<{ destroy(): unknown }>();
  const server: Server = createServer((socket) => sockets.add(socket.on("error", () => {})));
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return {
    url: `https://127.0.0.1:${(server.address() as { port: number }).port}`,
    async [Symbol.asyncDispose]() {
      for (const socket of sockets) socket.destroy();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
