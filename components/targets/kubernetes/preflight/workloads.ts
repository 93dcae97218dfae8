import type { V1ObjectMeta } from "@kubernetes/client-node";
import type { Finding } from "../../../rules/finding.ts";
import { type Answer, known } from "../cluster-fault.ts";
import { partOf } from "../labels.ts";
import type { Facts } from "./facts.ts";
import { finding } from "./finding.ts";
import { type Needs, stackAnnotation } from "./needs.ts";

/**
 * That nothing of a wanted name is somebody else's in a namespace that is shared: neither another stack's nor one that
 * has nothing to do with this framework. As long as both agree on what it is, the cluster would let both have it, and
 * it would go for both when it goes for one; where they don't, it would be met in the middle of an update.
 */
export function judgeWorkloads(
  { deployments, services, volumes }: Pick<Facts, "deployments" | "services" | "volumes">,
  namespace: string,
  needs: Pick<Needs, "stack" | "workloads" | "volumes">,
): Finding[] {
  const all = [
    ...namedAmong("Deployment", deployments, needs.workloads),
    ...namedAmong("Service", services, needs.workloads),
    ...namedAmong("PersistentVolumeClaim", volumes, needs.volumes),
  ];
  return all.flatMap(({ kind, metadata }) => foreign(kind, metadata, namespace, needs.stack));
}

interface Named {
  kind: string;
  metadata: V1ObjectMeta;
}

function namedAmong(
  kind: string,
  answer: Answer<{ items: { metadata?: V1ObjectMeta }[] }> | undefined,
  wanted: readonly string[] = [],
): Named[] {
  const objects = known(answer)?.items ?? [];
  return objects.flatMap(({ metadata }) =>
    metadata && wanted.includes(metadata.name ?? "") ? [{ kind, metadata }] : [],
  );
}

function foreign(kind: string, metadata: V1ObjectMeta, namespace: string, stack: string): Finding[] {
  const { name = "", annotations, labels } = metadata;
  const what = `the ${kind} "${name}" of the namespace "${namespace}" is`;
  const isOurs = Object.entries(partOf).every(([label, value]) => labels?.[label] === value);
  if (!isOurs)
    return [
      finding(
        "somebody-elses-workload",
        "namespace",
        `${what} somebody else's`,
        "Choose another name for the server or gateway, or another namespace.",
      ),
    ];
  const owner = annotations?.[stackAnnotation];
  if (owner === undefined || owner === stack) return [];
  return [
    finding(
      "workload-of-another-stack",
      "namespace",
      `${what} the stack ${owner}'s`,
      "Choose another name or another namespace. " +
        `To hand it over to this stack: kubectl annotate ${kind.toLowerCase()} ${name} -n ${namespace} --overwrite ${stackAnnotation}=${stack}`,
    ),
  ];
}
