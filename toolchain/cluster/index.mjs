// @ts-check
import { Refusal, say } from "../checkout.mjs";
import { hasKind, kindRuns, loadIntoKind, startKind, stopKind, writeKindKubeconfig } from "./kind.mjs";
import { nodesOf } from "./nodes.mjs";
import { loadIntoOwn, openOwnCluster, runningCluster, stopOwnCluster } from "./own.mjs";
import { kindKubeconfig, ownKubeconfig } from "./state.mjs";

export { openApi } from "./api.mjs";
export { installCrds } from "./crds.mjs";

/**
 * @typedef {object} Cluster
 * @property {"given" | "kind" | "own"} kind given: the one that KUBECONFIG names
 * @property {string} kubeconfig
 * @property {boolean} started this call started it
 * @property {string[]} nodes none for a given one: it isn't asked, and whoever uses it need not have the right to list them
 * @property {(ociArchive: string, reference: string) => Promise<void>} loadImage
 *   makes an image known to all nodes under `reference`, say mcp-infra.local/NAME@sha256:…
 * @property {() => Promise<unknown>} stop ends it, whoever started it; one that was given stays
 */

/**
 * The cluster to use: the given one, else our own if it runs, else kind where there is Docker, else our own.
 * @param {{ say?: (text: string) => void }} [options]
 * @returns {Promise<Cluster>}
 */
export async function openCluster({ say: tell = say } = {}) {
  const found = await findCluster();
  if (found === "given") {
    const kubeconfig = process.env.KUBECONFIG ?? "";
    const loadImage = async () => {
      throw new Refusal(
        `Images can't be brought into the cluster that KUBECONFIG names (${kubeconfig}).\n` +
          "Push them to a registry that it pulls from, or unset KUBECONFIG to use a cluster of your own.",
      );
    };
    return {
      kind: found,
      kubeconfig,
      started: false,
      nodes: [],
      loadImage,
      stop: async () => {},
    };
  }
  if (found === "kind") {
    const started = !(await kindRuns());
    if (started) {
      tell("Starting a cluster with kind …");
      await startKind();
    } else {
      await writeKindKubeconfig();
    }
    const nodes = (await nodesOf(kindKubeconfig)) ?? [];
    return {
      kind: found,
      kubeconfig: kindKubeconfig,
      started,
      nodes,
      loadImage: loadIntoKind,
      stop: stopKind,
    };
  }
  requireRoot();
  const { nodes, started } = await openOwnCluster();
  return {
    kind: "own",
    kubeconfig: ownKubeconfig,
    started,
    nodes,
    loadImage: loadIntoOwn,
    stop: stopOwnCluster,
  };
}

/**
 * Ends the cluster that `openCluster` started, if there is one.
 * @returns {Promise<boolean>} whether there was one
 */
export async function closeCluster() {
  const found = await findCluster();
  if (found === "kind") {
    if (!(await kindRuns())) return false;
    await stopKind();
    return true;
  }
  return found === "own" && stopOwnCluster();
}

/**
 * The one that runs.
 * @returns {Promise<{ kind: Cluster["kind"], kubeconfig: string, nodes: string[] | undefined } | undefined>}
 *   nodes: nothing where the credentials have no right to list them
 */
export async function describeCluster() {
  const found = await findCluster();
  const kubeconfig = { given: process.env.KUBECONFIG ?? "", kind: kindKubeconfig, own: ownKubeconfig }[found];
  const runs = { given: async () => true, kind: kindRuns, own: async () => !!(await runningCluster()) }[
    found
  ];
  if (!(await runs())) return undefined;
  // What KUBECONFIG names may be several files, which the client only merges when it reads the variable itself.
  return { kind: found, kubeconfig, nodes: await nodesOf(found === "given" ? undefined : kubeconfig) };
}

/** @returns {Promise<Cluster["kind"]>} */
async function findCluster() {
  const { KUBECONFIG: given } = process.env;
  // Ours is still ours when somebody followed our advice to export it.
  if (given && given !== ownKubeconfig && given !== kindKubeconfig) return "given";
  if (await runningCluster()) return "own";
  return (await hasKind()) ? "kind" : "own";
}

function requireRoot() {
  if (process.platform === "linux" && process.getuid?.() === 0) return;
  throw new Refusal(
    "A Kubernetes cluster on this machine needs one of:\n" +
      "  KUBECONFIG set to a cluster that is there,\n" +
      "  Docker and kind (https://kind.sigs.k8s.io),\n" +
      "  Linux and root: its nodes are made of namespaces, mounts and network interfaces.",
  );
}
