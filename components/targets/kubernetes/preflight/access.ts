import type { Finding } from "../../../rules/finding.ts";
import type { Answer, ClusterFault } from "../cluster-fault.ts";
import type { Facts } from "./facts.ts";
import { finding } from "./finding.ts";

/** That the cluster can't be asked at all: then this is the one thing to say. */
export function judgeAccess(server: string, facts: Facts): Finding | undefined {
  const answers: Answer<unknown>[] = [
    facts.version,
    facts.user,
    facts.groups,
    facts.rules,
    facts.namespace,
    ...Object.values(facts.resources),
  ];
  const faults = answers.flatMap((answer) => ("fault" in answer ? [answer.fault] : []));
  const refused = faults.find(({ status }) => status === 401);
  const unreachable = faults.find(({ status }) => status === undefined);
  const anyAnswer = answers.some((answer) => "value" in answer);
  // One answer of many that is late is no reason to say that there is no cluster; but nobody knows what it would be.
  const fault = refused ?? unreachable ?? (anyAnswer ? undefined : faults[0]);
  return fault && noAccess(server, fault);
}

/** A cluster that gives no answer, or does not know who asks. */
export function noAccess(server: string, { status, reason, remediation }: ClusterFault): Finding {
  return finding(
    status === 401 ? "cluster-credentials" : "cluster-reachable",
    "kubeconfig",
    `the cluster at ${server} ${reason}`,
    remediation,
  );
}
