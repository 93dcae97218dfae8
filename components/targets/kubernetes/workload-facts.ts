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

/** Asks for the parts of every workload of a namespace, or of the one whose pods the labels select. */
export async function askWorkloads(
  { core, apps }: { core: CoreV1Api; apps: AppsV1Api },
  namespace: string,
  labels: Record<string, string> = {},
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
  return {
    deployments: deployments.items,
    replicaSets: replicaSets.items,
    pods: pods.items,
    events: events.items,
  };
}

/** Of many workloads the one whose pods the labels select. Pure. */
export function selected(facts: WorkloadFacts, labels: Record<string, string>): WorkloadFacts {
  const has = ({ metadata }: V1Deployment | V1ReplicaSet | V1Pod) =>
    Object.entries(labels).every(([key, value]) => metadata?.labels?.[key] === value);
  const { deployments, replicaSets, pods, events } = facts;
  return {
    deployments: deployments.filter(has),
    replicaSets: replicaSets.filter(has),
    pods: pods.filter(has),
    events,
  };
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
