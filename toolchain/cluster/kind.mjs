// @ts-check
import { execFile } from "node:child_process";
import { mkdir, rm, writeFile } from "node:fs/promises";
import { dirname } from "node:path";
import { promisify } from "node:util";
import { clusterNodes } from "./network.mjs";
import { kindKubeconfig } from "./state.mjs";

const exec = promisify(execFile);
const name = "mcp-infra";

/** Docker answers, and kind is there. */
export async function hasKind() {
  try {
    await Promise.all([exec("docker", ["info"], { timeout: 10_000 }), exec("kind", ["version"])]);
    return true;
  } catch {
    return false;
  }
}

/** @returns {Promise<boolean>} */
export async function kindRuns() {
  return (await exec("kind", ["get", "clusters"])).stdout.split("\n").includes(name);
}

/** With the nodes and zones that our own cluster has. */
export async function startKind() {
  const workers = clusterNodes.map(({ zone }) => ({
    role: "worker",
    labels: { "topology.kubernetes.io/zone": zone },
  }));
  const config = {
    kind: "Cluster",
    apiVersion: "kind.x-k8s.io/v1alpha4",
    nodes: [{ role: "control-plane" }, ...workers],
  };
  await mkdir(dirname(kindKubeconfig), { recursive: true });
  const file = `${kindKubeconfig}.config`;
  await writeFile(file, JSON.stringify(config));
  await exec("kind", ["create", "cluster", "--name", name, "--config", file, "--kubeconfig", kindKubeconfig]);
  await rm(file);
}

export async function writeKindKubeconfig() {
  await mkdir(dirname(kindKubeconfig), { recursive: true });
  await exec("kind", ["export", "kubeconfig", "--name", name, "--kubeconfig", kindKubeconfig]);
}

export async function loadIntoKind(/** @type {string} */ archive) {
  await exec("kind", ["load", "image-archive", archive, "--name", name]);
}

export async function stopKind() {
  await exec("kind", ["delete", "cluster", "--name", name, "--kubeconfig", kindKubeconfig]);
  await rm(kindKubeconfig, { force: true });
}
