import type * as k8s from "@pulumi/kubernetes";
import { type ServerModel, severalInstances } from "../../model/index.ts";
import type { KubernetesSettings } from "./args.ts";
import { labels, selectorLabels } from "./labels.ts";
import { graceSeconds, podTemplate } from "./pod.ts";
import type { SecretMounts } from "./secrets.ts";
import { drainOf, portOf, serverContainers } from "./server-containers.ts";

/** What pulling an image and scheduling may take on top of a server's own start, in seconds. */
const pullSeconds = 60;

/** A server as Kubernetes resources; what it doesn't need is absent. Pure. */
export interface ServerWorkload {
  deployment: k8s.apps.v1.DeploymentArgs;
  service: k8s.core.v1.ServiceArgs;
  claim?: k8s.core.v1.PersistentVolumeClaimArgs;
  disruptionBudget?: k8s.policy.v1.PodDisruptionBudgetArgs;
  autoscaler?: k8s.autoscaling.v2.HorizontalPodAutoscalerArgs;
}

/** The resources of one server that runs in the cluster. */
export function serverWorkload(
  server: ServerModel,
  settings: KubernetesSettings,
  secrets: SecretMounts,
): ServerWorkload {
  const { name } = server;
  const metadata = { name, namespace: settings.namespace, labels: labels("server", name) };
  const selector = { matchLabels: selectorLabels("server", name) };
  return {
    deployment: {
      metadata,
      spec: {
        replicas: server.replicas,
        selector,
        strategy: server.storage ? { type: "Recreate" } : surge,
        progressDeadlineSeconds: serverDeadlineSeconds(server),
        revisionHistoryLimit: 3,
        template: podTemplate({
          role: "server",
          name,
          ...serverContainers(server, settings, secrets),
          drainMs: drainOf(server),
        }),
      },
    },
    service: {
      metadata,
      spec: {
        selector: selector.matchLabels,
        ports: [{ name: "mcp", port: portOf(server), targetPort: "mcp", appProtocol: "http" }],
      },
    },
    ...(server.storage && { claim: claimOf(metadata, settings) }),
    // A single pod that may be one of several later is not held up by it.
    ...(severalInstances(server).length > 0 && {
      disruptionBudget: { metadata, spec: oneAtATime(selector) },
    }),
    ...(server.autoscale && {
      autoscaler: {
        metadata,
        spec: {
          scaleTargetRef: { apiVersion: "apps/v1", kind: "Deployment", name },
          minReplicas: server.replicas,
          maxReplicas: server.autoscale.max,
          metrics: [
            {
              type: "Resource",
              resource: {
                name: "cpu",
                target: { type: "Utilization", averageUtilization: Math.round(server.autoscale.cpu * 100) },
              },
            },
          ],
        },
      },
    }),
  };
}

/** The volume of a workload that keeps data. */
export function claimOf(
  metadata: { name: string; namespace: string; labels: Record<string, string> },
  { storage }: Pick<KubernetesSettings, "storage">,
): k8s.core.v1.PersistentVolumeClaimArgs {
  return {
    // A volume is often made only when a pod asks for it, and the pod waits for the claim. That there is one is
    // proved by the pod's getting ready; who may not read storage classes would wait here for nothing.
    metadata: { ...metadata, annotations: { "pulumi.com/skipAwait": "true" } },
    spec: {
      accessModes: ["ReadWriteOnce"],
      resources: { requests: { storage: storage.size } },
      ...(storage.className && { storageClassName: storage.className }),
    },
  };
}

/** New pods first: the old ones go when as many new ones serve. */
export const surge = { type: "RollingUpdate", rollingUpdate: { maxSurge: 1, maxUnavailable: 0 } };

/** How long a rollout may go without progress. */
export function deadlineSeconds(startTimeoutMs: number): number {
  return Math.ceil(startTimeoutMs / 1_000) + pullSeconds;
}

/** The same of a server: one that keeps data starts when the one before it has ended, which is no progress. */
export function serverDeadlineSeconds(server: ServerModel): number {
  return deadlineSeconds(server.startTimeout) + (server.storage ? graceSeconds(drainOf(server)) : 0);
}

/**
 * How long all of a rollout may take, in seconds: a rollout that makes no progress is given up by the cluster itself,
 * and one that goes on, pod by pod, is nothing to give up.
 */
export function patienceSeconds(deadline: number, pods: number): number {
  return (pods + 1) * deadline + 60;
}

/** For drains and upgrades of nodes: one pod less at most, and broken ones don't hold anybody up. */
export function oneAtATime(
  selector: k8s.types.input.meta.v1.LabelSelector,
): k8s.types.input.policy.v1.PodDisruptionBudgetSpec {
  return { selector, maxUnavailable: 1, unhealthyPodEvictionPolicy: "AlwaysAllow" };
}
