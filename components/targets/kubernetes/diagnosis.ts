import type { KubeConfig } from "@kubernetes/client-node";

/** Says in words why pods of a workload are not ready. Never throws, and takes ten seconds at most. */
export async function diagnose(
  _kubeConfig: KubeConfig,
  _namespace: string,
  _selectorLabels: Record<string, string>,
): Promise<string> {
  return "";
}
