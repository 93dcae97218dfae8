import type { Finding } from "../../../rules/finding.ts";
import { known } from "../cluster-fault.ts";
import type { Facts } from "./facts.ts";
import { finding } from "./finding.ts";
import { type Needs, stackAnnotation } from "./needs.ts";

/**
 * That no other stack has a workload of the same name in a namespace that they share. The cluster would let both have
 * it as long as they agree, and it would go for both when it goes for one.
 */
export function judgeWorkloads(
  { deployments }: Pick<Facts, "deployments">,
  namespace: string,
  { stack, workloads = [] }: Pick<Needs, "stack" | "workloads">,
): Finding[] {
  return (known(deployments)?.items ?? []).flatMap(({ metadata }) => {
    const { name = "", annotations } = metadata ?? {};
    const owner = annotations?.[stackAnnotation];
    if (!workloads.includes(name) || owner === undefined || owner === stack) return [];
    return [
      finding(
        "workload-of-another-stack",
        "namespace",
        `the Deployment "${name}" of the namespace "${namespace}" is the stack ${owner}'s`,
        "Choose another name or another namespace. " +
          `To hand it over to this stack: kubectl annotate deployment ${name} -n ${namespace} --overwrite ${stackAnnotation}=${stack}`,
      ),
    ];
  });
}
