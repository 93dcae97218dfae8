// @ts-check
import { execFile } from "node:child_process";
import { existsSync } from "node:fs";
import { appendFile, mkdir, readdir, rmdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";
import { Refusal } from "../checkout.mjs";
import { debianEnvironment } from "./debian.mjs";
import {
  clusterDomain,
  clusterNodes,
  dnsAddress,
  machineAddress,
  podRange,
  serviceRange,
} from "./network.mjs";
import { startDetached, waitFor } from "./processes.mjs";

const exec = promisify(execFile);

/**
 * A node: namespaces for network, mounts and processes, with a containerd, a kubelet and a kube-proxy in them.
 * When the one process that holds them ends, the kernel ends all others, and mounts and interfaces go with them.
 *
 * @typedef {import("./network.mjs").ClusterNode & { directory: string, holder: number }} RunningNode
 *   `directory`: what is of this node alone; `holder`: the process that has made the namespaces.
 * @typedef {{ bin: string, debian: string, directory: string }} Installation `directory`: the cluster's state
 */

const socket = "/run/containerd/containerd.sock";
const pauseImage = "mcp-infra.local/pause:1";

/**
 * @param {Installation} installation
 * @param {import("./network.mjs").ClusterNode} node
 * @returns {Promise<RunningNode>}
 */
export async function makeNode({ bin, directory: state, debian }, node) {
  const directory = join(state, node.name);
  for (const name of ["kubelet", "cni", "log"]) await mkdir(join(directory, name), { recursive: true });
  for (const path of hardCoded) await mkdir(path, { recursive: true });
  const made = join(directory, "made");
  // What the programs insist to have at a fixed place is this node's own there.
  const script = [
    "set -e",
    "mount -t tmpfs tmpfs /run",
    'mount --bind "$1/kubelet" /var/lib/kubelet',
    'mount --bind "$1/cni" /var/lib/cni',
    'mount --bind "$1/log" /var/log',
    "mount --make-rshared /",
    "echo 1 >/proc/sys/net/ipv4/ip_forward",
    'touch "$1/made"',
    'exec "$2/pause"', // The first process of a process namespace inherits the orphans.
  ].join("\n");
  const namespaces = ["--mount", "--net", "--uts", "--pid", "--fork", "--kill-child", "--mount-proc"];
  const holder = startDetached({
    name: `${node.name}.namespaces`,
    command: "unshare",
    args: [...namespaces, "sh", "-c", script, "sh", directory, bin],
    directory: state,
    env: debianEnvironment(debian),
  });
  await waitFor(`The namespaces of ${node.name}`, 10, async () => existsSync(made) || undefined);
  return { ...node, directory, holder };
}

/** What kubelet and the network plugins use, wherever their other directories are. */
const hardCoded = ["/var/lib/kubelet", "/var/lib/cni"];

/**
 * @param {Installation} installation
 * @param {RunningNode[]} nodes
 */
export async function connectNodes({ debian }, nodes) {
  const env = debianEnvironment(debian);
  const ip = (/** @type {string} */ command) => exec("ip", command.split(" "), { env });
  const ipIn =
    (/** @type {RunningNode} */ { holder }) =>
    (/** @type {string} */ command) =>
      exec("nsenter", [`--net=/proc/${holder}/ns/net`, "ip", ...command.split(" ")], { env });
  for (const node of nodes) {
    const within = ipIn(node);
    const outside = interfaceTo(node.name);
    await ip(`link add ${outside} type veth peer name eth0 netns ${node.holder}`);
    await ip(`address add ${machineAddress} peer ${node.address} dev ${outside}`);
    await ip(`link set ${outside} up`);
    await within("link set lo up");
    await within(`address add ${node.address} peer ${machineAddress} dev eth0`);
    await within("link set eth0 up");
    // A Service has its real addresses before it would leave; this only lets the node's own processes try.
    await within(`route add ${serviceRange} via ${machineAddress} dev eth0`);
    // Webhooks: the API server is outside, and calls pods.
    await ip(`route add ${node.pods} via ${node.address} dev ${outside}`);

    for (const other of nodes.slice(nodes.indexOf(node) + 1)) {
      await ip(
        `link add ${other.name} netns ${node.holder} type veth peer name ${node.name} netns ${other.holder}`,
      );
      for (const { near, far } of [
        { near: node, far: other },
        { near: other, far: node },
      ]) {
        const ipNear = ipIn(near);
        await ipNear(`address add ${near.address} peer ${far.address} dev ${far.name}`);
        await ipNear(`link set ${far.name} up`);
        await ipNear(`route add ${far.pods} via ${far.address} dev ${far.name}`);
      }
    }
  }
  // So that tests can ask Services from outside: the first node's kube-proxy hands it on.
  const [first] = nodes;
  if (first) await ip(`route add ${serviceRange} via ${first.address} dev ${interfaceTo(first.name)}`);
}

/** Before anything is made: another's nodes would have the same names and addresses, and the same leftovers. */
export async function requireNoOtherNodes() {
  const names = clusterNodes.map(({ name }) => interfaceTo(name));
  const gone = async () => names.every((name) => !existsSync(join("/sys/class/net", name))) || undefined;
  // The kernel takes its time with the interfaces of a node that has just ended.
  await waitFor("The interfaces", 15, gone).catch(() => {
    throw new Refusal(
      "A cluster of ours runs on this machine already, started by another user or with another XDG_STATE_HOME.\n" +
        "Set KUBECONFIG to use it, or end it where it was started: npm run cluster -- down",
    );
  });
}

function interfaceTo(/** @type {string} */ node) {
  return `mcpi-${node}`;
}

/** @param {Installation} installation @param {RunningNode} node */
export async function startContainerd(installation, node) {
  const conf = join(node.directory, "net.d");
  await mkdir(conf, { recursive: true });
  await writeFile(join(conf, "mcp-infra.conflist"), JSON.stringify(networkConfiguration(node)));
  const config = join(node.directory, "containerd.toml");
  await writeFile(
    config,
    `version = 2
root = "${join(node.directory, "containerd")}"
state = "/run/containerd"
[grpc]
  address = "${socket}"
[plugins."io.containerd.grpc.v1.cri"]
  sandbox_image = "${pauseImage}"
  disable_apparmor = true
  restrict_oom_score_adj = true # Where the score can't be lowered, runc would fail.
  [plugins."io.containerd.grpc.v1.cri".cni]
    bin_dir = "${join(installation.debian, "usr/lib/cni")}"
    conf_dir = "${conf}"
  [plugins."io.containerd.grpc.v1.cri".containerd.runtimes.runc]
    runtime_type = "io.containerd.runc.v2"
    [plugins."io.containerd.grpc.v1.cri".containerd.runtimes.runc.options]
      SystemdCgroup = false
`,
  );
  startIn(installation, node, "containerd", "containerd", ["--config", config]);
  await waitFor(`containerd of ${node.name}`, 30, async () => {
    await ctr(installation, node, "version");
    return true;
  });
}

/** @param {RunningNode} node */
function networkConfiguration({ pods, directory }) {
  const ipam = {
    type: "host-local",
    ranges: [[{ subnet: pods }]],
    routes: [{ dst: "0.0.0.0/0" }],
    dataDir: join(directory, "addresses"),
  };
  return { cniVersion: "0.4.0", name: "mcp-infra", plugins: [{ type: "ptp", ipMasq: false, ipam }] };
}

/**
 * Makes the image of an OCI archive known under `reference`.
 * @param {Installation} installation
 * @param {RunningNode} node
 * @param {string} archive
 * @param {string} reference
 */
export async function importImage(installation, node, archive, reference) {
  const [name = reference] = reference.split("@");
  const image = ["-n", "k8s.io", "images"];
  // The archive need not name its image; so it gets the name with its manifest's digest.
  const args = ["import", "--digests", "--base-name", name.replace(/:[^/]*$/, ""), archive];
  const { stdout } = await ctr(installation, node, ...image, ...args);
  if (stdout.includes(reference)) return;
  const imported = stdout.match(/unpacking (\S+)/)?.[1];
  if (!imported || reference.includes("@")) {
    throw new Error(`${archive} does not hold ${reference}; it holds ${imported ?? stdout}`);
  }
  await ctr(installation, node, ...image, "tag", "--force", imported, reference);
}

/** @param {Installation} installation @param {RunningNode} node @param {string[]} args */
async function ctr({ debian }, node, ...args) {
  const mounts = `--mount=/proc/${node.holder}/ns/mnt`;
  return exec("nsenter", [mounts, "ctr", "--address", socket, ...args], { env: debianEnvironment(debian) });
}

export async function importPause(
  /** @type {Installation} */ installation,
  /** @type {RunningNode} */ node,
  /** @type {string} */ archive,
) {
  await importImage(installation, node, archive, pauseImage);
}

/**
 * @param {Installation} installation
 * @param {RunningNode} node
 * @param {{ kubelet: string, proxy: string }} kubeconfigs
 */
export async function startKubelet(installation, node, kubeconfigs) {
  const cgroup = `/mcp-infra/${node.name}`;
  await makeCgroup(cgroup);
  const kubelet = {
    apiVersion: "kubelet.config.k8s.io/v1beta1",
    kind: "KubeletConfiguration",
    address: node.address,
    // Reachable from this machine and the pods alone, and the API server has no certificate to show.
    authentication: { anonymous: { enabled: true }, webhook: { enabled: false } },
    authorization: { mode: "AlwaysAllow" },
    containerRuntimeEndpoint: `unix://${socket}`,
    clusterDNS: [dnsAddress],
    clusterDomain,
    resolvConf: "",
    podLogsDir: join(node.directory, "pods"),
    // Whatever the machine's control groups are like.
    cgroupDriver: "cgroupfs",
    cgroupRoot: cgroup,
    failCgroupV1: false,
    failSwapOn: false,
    enforceNodeAllocatable: ["none"],
    localStorageCapacityIsolation: false,
    makeIPTablesUtilChains: false,
    // A full disk is the developer's business, and no reason to evict what they test.
    evictionHard: { "imagefs.available": "0%", "nodefs.available": "0%", "nodefs.inodesFree": "0%" },
    imageGCHighThresholdPercent: 100,
    imageGCLowThresholdPercent: 99,
  };
  const proxy = {
    apiVersion: "kubeproxy.config.k8s.io/v1alpha1",
    kind: "KubeProxyConfiguration",
    mode: "nftables",
    clusterCIDR: podRange,
    hostnameOverride: node.name,
    clientConnection: { kubeconfig: kubeconfigs.proxy },
    // Not a namespace's to set.
    conntrack: { maxPerCore: 0, min: 0, tcpEstablishedTimeout: "0s", tcpCloseWaitTimeout: "0s" },
  };
  const written = async (/** @type {string} */ name, /** @type {unknown} */ value) => {
    await writeFile(join(node.directory, name), JSON.stringify(value, undefined, 2));
    return `--config=${join(node.directory, name)}`;
  };
  startIn(installation, node, "kubelet", join(installation.bin, "kubelet"), [
    await written("kubelet.json", kubelet),
    `--kubeconfig=${kubeconfigs.kubelet}`,
    `--hostname-override=${node.name}`,
    `--node-ip=${node.address}`,
    `--node-labels=topology.kubernetes.io/zone=${node.zone}`,
  ]);
  startIn(installation, node, "kube-proxy", join(installation.bin, "kube-proxy"), [
    await written("kube-proxy.json", proxy),
  ]);
}

/**
 * @param {Installation} installation
 * @param {RunningNode} node
 * @param {string} name
 * @param {string} command
 * @param {string[]} args
 */
function startIn({ directory, debian }, { name: node, holder }, name, command, args) {
  const at = `/proc/${holder}/ns`;
  const namespaces = [
    `--mount=${at}/mnt`,
    `--net=${at}/net`,
    `--uts=${at}/uts`,
    `--pid=${at}/pid_for_children`,
  ];
  const env = debianEnvironment(debian);
  startDetached({
    name: `${node}.${name}`,
    command: "nsenter",
    args: [...namespaces, command, ...args],
    directory,
    env,
  });
}

const cgroups = "/sys/fs/cgroup";

/** Where the machine's control groups are mounted: one tree, or in the older version one for each controller. */
async function cgroupTrees() {
  if (existsSync(join(cgroups, "cgroup.controllers"))) return [cgroups];
  const names = await readdir(cgroups);
  return names.map((name) => join(cgroups, name)).filter((tree) => existsSync(join(tree, "cgroup.procs")));
}

/** Kubelet wants the group it is to work in to be there, with all controllers. */
async function makeCgroup(/** @type {string} */ path) {
  for (const tree of await cgroupTrees()) {
    let directory = tree;
    for (const name of path.split("/").filter(Boolean)) {
      if (tree === cgroups) {
        for (const controller of ["cpu", "cpuset", "memory", "pids", "io", "hugetlb"]) {
          // Not every machine has every controller.
          await appendFile(join(directory, "cgroup.subtree_control"), `+${controller}`).catch(() => {});
        }
      }
      directory = join(directory, name);
      await mkdir(directory, { recursive: true });
    }
  }
}

/** What is left of nodes whose processes have ended. */
export async function removeNodeTraces() {
  await requireNoOtherNodes();
  for (const tree of await cgroupTrees()) await removeCgroup(join(tree, "mcp-infra"));
  for (const path of hardCoded) await rmdir(path).catch(() => {}); // Only if it is empty, and so perhaps ours.
}

/** Directories are groups; the files in them can't be removed, and need not be. */
async function removeCgroup(/** @type {string} */ directory) {
  const entries = await readdir(directory, { withFileTypes: true }).catch(() => undefined);
  if (!entries) return;
  for (const entry of entries) if (entry.isDirectory()) await removeCgroup(join(directory, entry.name));
  // A process that has just ended may be counted for a moment more.
  await waitFor(`Removing ${directory}`, 20, async () => {
    await rmdir(directory);
    return true;
  });
}
