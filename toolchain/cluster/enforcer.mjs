// @ts-check
import { spawn } from "node:child_process";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { CoreV1Api, CustomObjectsApi, makeInformer } from "@kubernetes/client-node";
import { load } from "./client.mjs";
import { debianEnvironment } from "./debian.mjs";
import { nodeRuleset } from "./network-policy.mjs";
import { startDetached } from "./processes.mjs";

/**
 * Makes the nodes keep the cluster's NetworkPolicies, as the network plugin does in other clusters. It follows what
 * the API says: between a pod's start and the moment that its address is known there, a second or so, the pod is open.
 *
 * @typedef {import("@kubernetes/client-node").KubernetesObject} KubernetesObject
 * @typedef {import("@kubernetes/client-node").KubernetesListObject<KubernetesObject>} KubernetesList
 * @typedef {{ name: string, holder: number, directory: string }} Node
 * @typedef {{ kubeconfig: string, debian: string, nodes: Node[] }} Options
 */

/** What of a node's directory holds the rules that it has. */
export const rulesFile = "network-policies.nft";

/** @param {Options & { directory: string }} options */
export function startEnforcer({ directory, kubeconfig, debian, nodes }) {
  const options = { kubeconfig, debian, nodes };
  const args = [fileURLToPath(import.meta.url), JSON.stringify(options)];
  startDetached({ name: "enforcer", command: process.execPath, args, directory });
}

/** @param {Options} options */
async function enforce({ kubeconfig, debian, nodes }) {
  const config = load(kubeconfig);
  const core = config.makeApiClient(CoreV1Api);
  const custom = config.makeApiClient(CustomObjectsApi);
  let changed = () => {};
  const [pods, namespaces, policies] = await Promise.all([
    follow("/api/v1/pods", () => core.listPodForAllNamespaces()),
    follow("/api/v1/namespaces", () => core.listNamespace()),
    // As custom objects, and so in the API's own words, as they come when they change.
    follow("/apis/networking.k8s.io/v1/networkpolicies", () =>
      custom.listCustomObjectForAllNamespaces({
        group: "networking.k8s.io",
        version: "v1",
        resourcePlural: "networkpolicies",
      }),
    ),
  ]);

  /** @param {string} path @param {() => Promise<KubernetesList>} list @returns {Promise<() => any[]>} */
  async function follow(path, list) {
    const informer = makeInformer(config, path, list);
    informer.on("change", () => changed());
    informer.on("error", async (error) => {
      console.error(`${path}: ${error}`);
      await setTimeout(500);
      await informer.start();
    });
    await informer.start();
    return () => [...informer.list()];
  }

  /** @type {Map<string, string>} */
  const present = new Map();
  while (true) {
    const nextChange = /** @type {Promise<void>} */ (
      new Promise((resolve) => {
        changed = resolve;
      })
    );
    const objects = { pods: pods(), namespaces: namespaces(), policies: policies() };
    await Promise.all(
      nodes.map(async (node) => {
        const rules = nodeRuleset(node.name, objects);
        if (rules === present.get(node.name)) return;
        await applyRules(node, debian, rules);
        present.set(node.name, rules);
        await writeFile(join(node.directory, rulesFile), rules);
      }),
    ).catch(async (error) => {
      console.error(`${error}`);
      await setTimeout(500);
      changed();
    });
    await nextChange;
  }
}

/** @param {Node} node @param {string} debian @param {string} rules @returns {Promise<void>} */
function applyRules({ name, holder }, debian, rules) {
  return new Promise((resolve, reject) => {
    const child = spawn("nsenter", [`--net=/proc/${holder}/ns/net`, "nft", "-f", "-"], {
      env: debianEnvironment(debian),
      stdio: ["pipe", "inherit", "inherit"],
    });
    child.on("error", reject);
    child.stdin.on("error", reject);
    child.on("exit", (code) =>
      code === 0 ? resolve() : reject(new Error(`${name}: nft ended with ${code}`)),
    );
    child.stdin.end(rules);
  });
}

if (process.argv[1] === fileURLToPath(import.meta.url)) await enforce(JSON.parse(process.argv[2] ?? ""));
