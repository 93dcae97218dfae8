// @ts-check
import { KubeConfig, KubernetesObjectApi, PatchStrategy } from "@kubernetes/client-node";

/** @typedef {import("@kubernetes/client-node").KubernetesObject & Record<string, unknown>} KubernetesResource */

export const fieldManager = "mcp-infra-cluster";

export function load(/** @type {string} */ kubeconfig) {
  const config = new KubeConfig();
  config.loadFromFile(kubeconfig);
  return config;
}

/**
 * Server-side apply, one after the other.
 * @param {string} kubeconfig
 * @param {KubernetesResource[]} resources
 */
export async function apply(kubeconfig, resources) {
  const api = KubernetesObjectApi.makeApiClient(load(kubeconfig));
  for (const resource of resources) {
    await api.patch(resource, undefined, undefined, fieldManager, true, PatchStrategy.ServerSideApply);
  }
}
