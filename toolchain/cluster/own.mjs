// @ts-check
import { existsSync } from "node:fs";
import { mkdir, readFile, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { AppsV1Api, CoreV1Api } from "@kubernetes/client-node";
import { say } from "../checkout.mjs";
import { dns } from "./addons.mjs";
import { newToken, prepareApi, writeKubeconfig } from "./api.mjs";
import { apply, load } from "./client.mjs";
import { findDebianPrograms } from "./debian.mjs";
import { rulesFile, startEnforcer } from "./enforcer.mjs";
import { writeImage } from "./image.mjs";
import { withLock } from "./lock.mjs";
import { clusterNodes, machineAddress, podRange, serviceRange } from "./network.mjs";
import {
  connectNodes,
  importImage,
  importPause,
  makeNode,
  removeNodeTraces,
  requireNoOtherNodes,
  startContainerd,
  startKubelet,
} from "./node.mjs";
import { lastWords, recorded, startDetached, stopRecorded, waitFor } from "./processes.mjs";
import { findPrograms } from "./programs.mjs";
import { ownDirectory as directory, ownKubeconfig } from "./state.mjs";
import { provideVolumes } from "./volumes.mjs";

/**
 * The cluster of our own: one a machine, whichever checkout or process started it.
 * @typedef {import("./node.mjs").RunningNode} RunningNode
 * @typedef {import("./node.mjs").Installation} Installation
 * @typedef {Installation & { nodes: RunningNode[] }} Running
 */

/** There when all has started, and says with what. */
const startedFile = join(directory, "started.json");
const volumes = join(directory, "volumes");

/**
 * One process at a time starts, stops or reuses.
 * @template T
 * @param {() => Promise<T>} work
 */
function alone(work) {
  return withLock(directory, work, () =>
    say("Another process starts or stops the cluster; waiting for it …"),
  );
}

/** @returns {Promise<Running | undefined>} the cluster that runs, if one does and all of it does */
export async function runningCluster() {
  if (!existsSync(startedFile)) return undefined;
  const processes = await recorded(directory);
  if (processes.length === 0 || processes.some(({ runs }) => !runs)) return undefined;
  return JSON.parse(await readFile(startedFile, "utf8"));
}

/** @returns {Promise<{ nodes: string[], started: boolean }>} */
export async function openOwnCluster() {
  return alone(async () => {
    let running = await runningCluster();
    const started = !running;
    if (running) {
      await provideVolumes(ownKubeconfig, volumes);
    } else {
      await remove();
      running = await start();
    }
    return { nodes: running.nodes.map(({ name }) => name), started };
  });
}

/** @returns {Promise<boolean>} whether there was anything to end */
export async function stopOwnCluster() {
  return alone(async () => {
    if (!existsSync(directory)) return false;
    await remove();
    return true;
  });
}

/** @param {string} archive @param {string} reference */
export async function loadIntoOwn(archive, reference) {
  const running = await runningCluster();
  if (!running) throw new Error("The cluster does not run any more.");
  await Promise.all(running.nodes.map((node) => importImage(running, node, archive, reference)));
}

/** Also what is left of one that was killed, or of before a reboot. */
async function remove() {
  if (!existsSync(directory)) return;
  await stopRecorded(directory);
  await removeNodeTraces();
  await rm(directory, { recursive: true, force: true });
}

/** @returns {Promise<Running>} */
async function start() {
  await requireNoOtherNodes();
  const bin = await findPrograms();
  const debian = await findDebianPrograms();
  await mkdir(directory, { recursive: true, mode: 0o700 });
  try {
    const installation = { bin, debian, directory };
    const nodes = await Promise.all(clusterNodes.map((node) => makeNode(installation, node)));
    await connectNodes(installation, nodes);
    const [users] = await Promise.all([
      startControlPlane(bin),
      ...nodes.map((node) => prepare(installation, node)),
    ]);
    startEnforcer({ directory, kubeconfig: ownKubeconfig, debian, nodes });
    await Promise.all(nodes.map((node) => startKubelet(installation, node, users(node.name))));
    await apply(ownKubeconfig, dns(bin));
    await provideVolumes(ownKubeconfig, volumes);
    await waitUntilUsable(nodes);
    const running = { ...installation, nodes };
    await writeFile(startedFile, JSON.stringify(running));
    return running;
  } catch (error) {
    const words = await lastWords(directory);
    await remove();
    throw new Error(`The cluster did not start: ${error instanceof Error ? error.message : error}\n${words}`);
  }
}

/** @param {Installation} installation @param {RunningNode} node */
async function prepare(installation, node) {
  await startContainerd(installation, node);
  const archive = join(node.directory, "pause.tar");
  const content = await readFile(join(installation.bin, "pause"));
  const files = [{ path: "pause", content, mode: 0o755 }];
  await writeImage(archive, { files, config: { Entrypoint: ["/pause"], User: "65535:65535" } });
  await importPause(installation, node, archive);
  await rm(archive);
}

/** @returns what answers the kubeconfigs of a node's programs */
async function startControlPlane(/** @type {string} */ bin) {
  const user = (/** @type {string} */ name, /** @type {string} */ group) => ({
    name,
    group,
    token: newToken(),
  });
  const admin = user("admin", "system:masters");
  const manager = user("system:kube-controller-manager", "system:masters");
  const scheduler = user("system:kube-scheduler", "");
  const proxy = user("system:kube-proxy", "system:node-proxier");
  const kubelets = clusterNodes.map(({ name }) => user(`system:node:${name}`, "system:nodes"));
  const api = await prepareApi({
    bin,
    directory,
    users: [admin, manager, scheduler, proxy, ...kubelets],
    args: [
      `--advertise-address=${machineAddress}`,
      `--service-cluster-ip-range=${serviceRange}`,
      "--kubelet-preferred-address-types=InternalIP",
      "--enable-aggregator-routing", // Webhooks: from here a Service's pods can be reached, not its own address.
    ],
  });
  for (const program of api.programs) startDetached({ ...program, directory });
  const authority = await api.ready();
  const inside = `https://${machineAddress}:${api.port}`;
  startDetached({
    name: "relay",
    command: join(bin, "relay"),
    args: [`${machineAddress}:${api.port}`, `127.0.0.1:${api.port}`],
    directory,
  });
  const kubeconfig = (/** @type {string} */ name, /** @type {string} */ url, /** @type {string} */ token) => {
    const path = join(directory, name);
    writeKubeconfig(path, { url, authority, token });
    return path;
  };
  kubeconfig("kubeconfig", api.url, admin.token);
  startDetached({
    name: "kube-controller-manager",
    command: join(bin, "kube-controller-manager"),
    args: [
      `--kubeconfig=${kubeconfig("controller-manager.kubeconfig", api.url, manager.token)}`,
      "--leader-elect=false",
      "--secure-port=0",
      `--cluster-cidr=${podRange}`,
      `--root-ca-file=${join(directory, "certificates", "apiserver.crt")}`,
      `--service-account-private-key-file=${join(directory, "service-accounts.key")}`,
    ],
    directory,
  });
  startDetached({
    name: "kube-scheduler",
    command: join(bin, "kube-scheduler"),
    args: [
      `--kubeconfig=${kubeconfig("scheduler.kubeconfig", api.url, scheduler.token)}`,
      "--leader-elect=false",
      "--secure-port=0",
    ],
    directory,
  });
  return (/** @type {string} */ node) => ({
    kubelet: kubeconfig(
      `${node}.kubelet.kubeconfig`,
      inside,
      kubelets.find(({ name }) => name === `system:node:${node}`)?.token ?? "",
    ),
    proxy: kubeconfig(`${node}.proxy.kubeconfig`, inside, proxy.token),
  });
}

/** Nodes that take pods and keep policies, names that resolve, and the account that every pod needs. */
async function waitUntilUsable(/** @type {RunningNode[]} */ nodes) {
  const config = load(ownKubeconfig);
  const core = config.makeApiClient(CoreV1Api);
  const apps = config.makeApiClient(AppsV1Api);
  await waitFor("The nodes", 60, async () => {
    const { items } = await core.listNode();
    const ready = items.filter(({ status }) =>
      status?.conditions?.some(({ type, status }) => type === "Ready" && status === "True"),
    );
    return ready.length === clusterNodes.length || undefined;
  });
  await waitFor("The network policies", 30, async () => {
    return nodes.every((node) => existsSync(join(node.directory, rulesFile))) || undefined;
  });
  await waitFor("The cluster's DNS", 60, async () => {
    const { status } = await apps.readNamespacedDeployment({ name: "coredns", namespace: "kube-system" });
    return status?.readyReplicas === clusterNodes.length || undefined;
  });
  await core.readNamespacedServiceAccount({ name: "default", namespace: "default" });
}
