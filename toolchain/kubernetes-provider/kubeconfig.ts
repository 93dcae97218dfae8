import { existsSync } from "node:fs";
import { homedir } from "node:os";
import { join } from "node:path";
import type { KubeConfig } from "@kubernetes/client-node";
import { messageOf, Unreachable } from "./faults.ts";

/** The kubeconfig that a provider is given, or else the ambient one, with the context and cluster chosen in it. */
export async function loadKubeconfig(chosen: {
  kubeconfig?: string;
  context?: string;
  cluster?: string;
}): Promise<KubeConfig> {
  // The client is a third of a second to load, and a preview that changes nothing asks no cluster.
  const { KubeConfig } = await import("@kubernetes/client-node");
  const config = new KubeConfig();
  if (chosen.kubeconfig === undefined) config.loadFromDefault();
  else read(config, chosen.kubeconfig);
  if (chosen.context !== undefined) {
    if (config.getContextObject(chosen.context) === null)
      throw new Unreachable(
        `context "${chosen.context}" does not exist in the kubeconfig; it has: ${config.contexts.map(({ name }) => name).join(", ")}`,
      );
    config.setCurrentContext(chosen.context);
  }
  const { cluster } = chosen;
  if (cluster !== undefined)
    config.contexts = config.contexts.map((context) =>
      context.name === config.currentContext ? { ...context, cluster } : context,
    );
  return config;
}

function read(config: KubeConfig, pathOrContents: string): void {
  const path = pathOrContents.replace(/^~(?=\/)/, homedir());
  try {
    if (existsSync(path)) config.loadFromFile(path);
    else if (/^[^\n{:]+$/.test(path)) throw new Error(`${path} does not exist`);
    else config.loadFromString(pathOrContents);
  } catch (error) {
    // Not the contents, which have credentials in them.
    throw new Unreachable(
      `failed to parse kubeconfig data in \`kubernetes:config:kubeconfig\`- ${messageOf(error).split("\n")[0]}`,
    );
  }
  if (config.clusters.length === 0) throw new Unreachable("the kubeconfig has no clusters");
}

/** The namespace of objects that name none. */
export function defaultNamespace(config: KubeConfig): string {
  return config.getContextObject(config.currentContext)?.namespace || "default";
}

/** Where to tell a person that nothing answered. */
export function serverOf(config: KubeConfig): string {
  return config.getCurrentCluster()?.server ?? join(homedir(), ".kube", "config");
}
