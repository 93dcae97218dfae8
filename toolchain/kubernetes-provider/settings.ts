import { isDeepStrictEqual } from "node:util";
import { loadKubeconfig } from "./kubeconfig.ts";
import type { Mutability } from "./replacement.ts";
import { type Properties, plain, unknown } from "./values.ts";

/** The provider's configuration, as far as this one heeds it. */
export interface Settings {
  /** A path or the contents; without it the ambient one, as kubectl finds it. */
  kubeconfig?: string;
  context?: string;
  cluster?: string;
  /** For objects that name none. */
  namespace?: string;
  mutable: Mutability;
  /** Whether what is in an unreachable cluster counts as gone. */
  deleteUnreachable: boolean;
}

/** @param variables as the engine gives them: `kubernetes:config:namespace` */
export function readSettings(variables: ReadonlyMap<string, string>, env = process.env): Settings {
  const text = (name: string) => variables.get(`kubernetes:config:${name}`) || undefined;
  const flag = (name: string, variable: string) => (text(name) ?? env[variable]) === "true";
  return {
    kubeconfig: text("kubeconfig"),
    context: text("context"),
    cluster: text("cluster"),
    namespace: text("namespace"),
    mutable: {
      configMaps: flag("enableConfigMapMutable", "PULUMI_K8S_ENABLE_CONFIGMAP_MUTABLE"),
      secrets: flag("enableSecretMutable", "PULUMI_K8S_ENABLE_SECRET_MUTABLE"),
    },
    deleteUnreachable: flag("deleteUnreachable", "PULUMI_K8S_DELETE_UNREACHABLE"),
  };
}

/** What changes in a provider, and which of that means another cluster: then everything in it is made anew. */
export async function diffSettings(
  olds: Properties,
  news: Properties,
): Promise<{ diffs: string[]; replaces: string[] }> {
  const before = plain(olds);
  const now = plain(news);
  const keys = new Set([...Object.keys(before), ...Object.keys(now)]);
  const diffs = [...keys].filter((key) => !isDeepStrictEqual(before[key], now[key]));
  const choosing = diffs.filter((key) => ["kubeconfig", "context", "cluster"].includes(key));
  if (before.clusterIdentifier && now.clusterIdentifier)
    return { diffs, replaces: diffs.filter((key) => key === "clusterIdentifier") };
  if (choosing.length === 0) return { diffs, replaces: [] };
  if (choosing.some((key) => now[key] === unknown)) return { diffs, replaces: choosing };
  const [old, current] = await Promise.all([chosenCluster(before), chosenCluster(now)]);
  const another = old !== undefined && current !== undefined && !isDeepStrictEqual(old, current);
  return { diffs, replaces: another ? choosing : [] };
}

/** A kubeconfig by its path may have changed since, or be gone: then there is nothing to compare with. */
async function chosenCluster({ kubeconfig, context, cluster }: Properties): Promise<unknown> {
  if (typeof kubeconfig !== "string" || kubeconfig === "") return undefined;
  const text = (value: unknown) => (typeof value === "string" ? value : undefined);
  const config = await loadKubeconfig({ kubeconfig, context: text(context), cluster: text(cluster) }).catch(
    () => undefined,
  );
  const chosen = config?.getCurrentCluster();
  return chosen ? { server: chosen.server, caData: chosen.caData, caFile: chosen.caFile } : undefined;
}
