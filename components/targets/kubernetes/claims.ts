import type { V1Deployment } from "@kubernetes/client-node";
import type * as k8s from "@pulumi/kubernetes";
import type { KubernetesSettings } from "./args.ts";
import { quantity } from "./preflight/quantity.ts";

/** What pods request together: processors, bytes of memory, and their number. */
export interface Claims {
  cpu: number;
  memory: number;
  pods: number;
}

/** What a Deployment of ours with so many replicas claims at most: while a release rolls out, one pod more. */
export function claimsOf(args: k8s.apps.v1.DeploymentArgs, replicas: number): Claims {
  // Nothing that counts here is a run-time value.
  const { spec } = args as unknown as V1Deployment;
  const pod = spec?.template.spec;
  const sidecars = pod?.initContainers?.filter(({ restartPolicy }) => restartPolicy === "Always") ?? [];
  const pods = replicas + (spec?.strategy?.type === "Recreate" ? 0 : 1);
  const requested = (resource: "cpu" | "memory") =>
    [...(pod?.containers ?? []), ...sidecars]
      .map(({ resources }) => quantity(resources?.requests?.[resource] ?? "0") ?? 0)
      .reduce((sum, each) => sum + each, 0);
  return { cpu: pods * requested("cpu"), memory: pods * requested("memory"), pods };
}

/** The limits of a namespace's quota, by the names that Kubernetes counts by. */
export function hardLimits({ cpu, memory, pods }: KubernetesSettings["quota"]): Record<string, string> {
  return {
    "requests.cpu": cpu,
    "requests.memory": memory,
    "limits.memory": memory,
    pods: String(pods),
  };
}

/**
 * All of it, as quantities. Releases roll out one after the other where they wait for each other, and at once where
 * they don't; a quota has to have room for the latter.
 */
export function totalOf(claims: readonly Claims[]): { cpu: string; memory: string; pods: number } {
  const sum = (key: keyof Claims) => claims.reduce((total, each) => total + each[key], 0);
  return {
    cpu: `${Math.round(sum("cpu") * 1_000)}m`,
    memory: `${Math.ceil(sum("memory") / 2 ** 20)}Mi`,
    pods: sum("pods"),
  };
}
