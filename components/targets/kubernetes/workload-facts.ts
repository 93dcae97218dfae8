import type {
  AppsV1Api,
  CoreV1Api,
  CoreV1Event,
  V1Deployment,
  V1Pod,
  V1ReplicaSet,
} from "@kubernetes/client-node";

/** A workload's parts, and what the cluster has to complain of. */
export interface WorkloadFacts {
  deployments: V1Deployment[];
  replicaSets: V1ReplicaSet[];
  pods: V1Pod[];
  /** Warnings of the whole namespace. */
  events: CoreV1Event[];
}

/** Asks for a workload's parts, by the labels that select its pods. */
export async function askWorkload(
  { core, apps }: { core: CoreV1Api; apps: AppsV1Api },
  namespace: string,
  labels: Record<string, string>,
): Promise<WorkloadFacts> {
  const labelSelector = Object.entries(labels)
    .map(([key, value]) => `${key}=${value}`)
    .join(",");
  const [deployments, replicaSets, pods, events] = await Promise.all([
    apps.listNamespacedDeployment({ namespace, labelSelector }),
    apps.listNamespacedReplicaSet({ namespace, labelSelector }),
    core.listNamespacedPod({ namespace, labelSelector }),
    // Without the right to see events the rest still says something.
    core.listNamespacedEvent({ namespace, fieldSelector: "type=Warning" }).catch(() => ({ items: [] })),
  ]);
  return newest({
    deployments: deployments.items,
    replicaSets: replicaSets.items,
    pods: pods.items,
    events: events.items,
  });
}

const revision = "deployment.kubernetes.io/revision";

/** The newest release alone: pods of the one before it may well be ready. Pure. */
export function newest(facts: WorkloadFacts): WorkloadFacts {
  const number = (set: V1ReplicaSet) => Number(set.metadata?.annotations?.[revision] ?? 0);
  const [current] = facts.replicaSets.toSorted((a, b) => number(b) - number(a));
  if (!current) return facts;
  const uid = current.metadata?.uid;
  return {
    ...facts,
    replicaSets: [current],
    pods: facts.pods.filter(
      ({ metadata }) => metadata?.ownerReferences?.some((owner) => owner.uid === uid) ?? false,
    ),
  };
}
