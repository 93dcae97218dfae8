import { execFile, spawn } from "node:child_process";
import { existsSync } from "node:fs";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { promisify } from "node:util";
import { CoreV1Api, KubeConfig, NetworkingV1Api } from "@kubernetes/client-node";
import { expect, onTestFinished, test } from "vitest";
import { writeImage } from "../../toolchain/cluster/image.mjs";
import { openApi, openCluster } from "../../toolchain/cluster/index.mjs";
import { withLock } from "../../toolchain/cluster/lock.mjs";
import { findPrograms } from "../../toolchain/cluster/programs.mjs";
import { until } from "../gateway/fixture.ts";

const isLinux = process.platform === "linux";
const isRoot = isLinux && process.getuid?.() === 0;
const index = new URL("../../toolchain/cluster/index.mjs", import.meta.url).href;

function clients(kubeconfig: string) {
  const config = new KubeConfig();
  config.loadFromFile(kubeconfig);
  return { core: config.makeApiClient(CoreV1Api), networking: config.makeApiClient(NetworkingV1Api) };
}

test.runIf(isLinux)("the API alone validates and defaults, and leaves nothing behind", async () => {
  const api = await openApi();
  const { core, networking } = clients(api.kubeconfig);
  const policy = (policyTypes: string[]) =>
    networking.createNamespacedNetworkPolicy({
      namespace: "default",
      body: { metadata: { name: "closed" }, spec: { podSelector: {}, policyTypes } },
    });
  await expect(policy(["Sideways"])).rejects.toThrow(/Unsupported value.*Sideways/);
  expect((await policy(["Egress"])).spec?.policyTypes).toEqual(["Egress"]);
  const service = await core.createNamespacedService({
    namespace: "default",
    body: { metadata: { name: "notes" }, spec: { selector: { app: "notes" }, ports: [{ port: 80 }] } },
  });
  expect(service.spec?.type).toBe("ClusterIP");
  await api.stop();
  expect(existsSync(dirname(api.kubeconfig))).toBe(false);
});

test.runIf(isLinux)("the API ends with the process that opened it, however that ends", async () => {
  const program = `const { openApi } = await import(${JSON.stringify(index)});
    console.log((await openApi()).kubeconfig); setInterval(() => {}, 1000);`;
  const child = spawn(process.execPath, ["--input-type=module", "--eval", program], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  const kubeconfig = await new Promise<string>((resolve) =>
    child.stdout.once("data", (text) => resolve(String(text).trim())),
  );
  const { core } = clients(kubeconfig);
  expect((await core.listNamespace()).items).not.toEqual([]);
  child.kill("SIGKILL");
  await until(() => !existsSync(dirname(kubeconfig)));
  await expect(core.listNamespace()).rejects.toThrow();
});

test.runIf(isLinux)(
  "of two processes that want the same lock, one waits, until the other ends in whatever way",
  async () => {
    const name = `test ${process.pid}`;
    const lock = new URL("lock.mjs", index).href;
    const program = `const { withLock } = await import(${JSON.stringify(lock)});
    await withLock(${JSON.stringify(name)}, () => new Promise(() => { console.log("mine"); setInterval(() => {}, 1000); }));`;
    const holder = spawn(process.execPath, ["--input-type=module", "--eval", program], {
      stdio: ["ignore", "pipe", "inherit"],
    });
    await new Promise((resolve) => holder.stdout.once("data", resolve));
    const events: string[] = [];
    const waiting = withLock(
      name,
      async () => events.push("mine now"),
      () => {
        events.push("waiting");
        holder.kill("SIGKILL");
      },
    );
    await waiting;
    expect(events).toEqual(["waiting", "mine now"]);
  },
);

test.runIf(isLinux)("an image of a few files is one that tar can read, and always the same", async () => {
  const directory = await mkdtemp(join(tmpdir(), "mcp-infra-image-"));
  onTestFinished(() => rm(directory, { recursive: true }));
  const archive = join(directory, "image.tar");
  const image = {
    files: [{ path: "hello", content: Buffer.from("hello") }],
    config: { Entrypoint: ["/hello"] },
  };
  const digest = await writeImage(archive, image);
  expect(await writeImage(archive, image)).toBe(digest);
  const { stdout } = await promisify(execFile)("tar", ["-tf", archive]);
  expect(stdout).toContain(`blobs/${digest.replace(":", "/")}`);
});

test.runIf(isRoot)(
  "a cluster has nodes in two zones, that run an image by its digest and keep data",
  async () => {
    const cluster = await openCluster();
    const { core } = clients(cluster.kubeconfig);
    const zones = (await core.listNode()).items.map(
      (n) => n.metadata?.labels?.["topology.kubernetes.io/zone"],
    );
    expect(new Set(zones.filter(Boolean)).size).toBe(2);

    const directory = await mkdtemp(join(tmpdir(), "mcp-infra-image-"));
    onTestFinished(() => rm(directory, { recursive: true }));
    const archive = join(directory, "image.tar");
    const pause = await readFile(join(await findPrograms(), "pause"));
    const digest = await writeImage(archive, {
      files: [{ path: "pause", content: pause, mode: 0o755 }],
      config: { Entrypoint: ["/pause"] },
    });
    const image = `mcp-infra.local/cluster-test@${digest}`;
    await cluster.loadImage(archive, image);

    const namespace = `cluster-test-${process.pid}`;
    await core.createNamespace({ body: { metadata: { name: namespace } } });
    onTestFinished(async () => void (await core.deleteNamespace({ name: namespace })));
    await core.createNamespacedPersistentVolumeClaim({
      namespace,
      body: {
        metadata: { name: "data" },
        spec: { accessModes: ["ReadWriteOnce"], resources: { requests: { storage: "1Mi" } } },
      },
    });
    for (const node of cluster.nodes) {
      await until(async () => {
        const accounts = await core.listNamespacedServiceAccount({ namespace });
        return accounts.items.length > 0;
      });
      await core.createNamespacedPod({
        namespace,
        body: {
          metadata: { name: `on-${node}` },
          spec: {
            nodeSelector: { "kubernetes.io/hostname": node },
            terminationGracePeriodSeconds: 0,
            containers: [{ name: "it", image, volumeMounts: [{ name: "data", mountPath: "/data" }] }],
            volumes: [{ name: "data", persistentVolumeClaim: { claimName: "data" } }],
          },
        },
      });
    }
    await until(async () => {
      const { items } = await core.listNamespacedPod({ namespace });
      return items.every(({ status }) => status?.phase === "Running");
    });
  },
);
