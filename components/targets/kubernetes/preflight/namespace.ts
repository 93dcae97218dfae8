import type { V1Namespace } from "@kubernetes/client-node";
import type { Finding } from "../../../rules/finding.ts";
import type { KubernetesSettings } from "../args.ts";
import { isMissing, known } from "../cluster-fault.ts";
import type { Facts } from "./facts.ts";
import { finding } from "./finding.ts";
import { stackAnnotation } from "./needs.ts";

const enforce = "pod-security.kubernetes.io/enforce";

/** That the namespace is there, or is not, as the policy says; and that nobody deletes it. */
export function judgeNamespace(
  { namespace: answer }: Pick<Facts, "namespace">,
  { namespace: name, namespacePolicy }: Pick<KubernetesSettings, "namespace" | "namespacePolicy">,
  stack: string,
): Finding[] {
  const namespace = known(answer);
  if (namespace?.metadata?.deletionTimestamp) return [beingDeleted(name, namespace)];
  if (namespacePolicy === "create") return namespace ? ownedBy(name, namespace, stack) : [];
  if (isMissing(answer))
    return [
      finding(
        "namespace-there",
        "namespace",
        `there is no namespace "${name}", and namespacePolicy says "existing"`,
        'Create it first, or leave namespacePolicy at "create".',
      ),
    ];
  return namespace ? restricted(name, namespace) : [];
}

function beingDeleted(name: string, { spec, status, metadata }: V1Namespace): Finding {
  const reasons = (status?.conditions ?? [])
    .filter((condition) => condition.status === "True")
    .map(({ type, message }) => `${type}: ${message}`);
  const finalizers = [...(metadata?.finalizers ?? []), ...(spec?.finalizers ?? [])];
  const why = [
    ...reasons,
    ...(finalizers.length > 0 && reasons.length === 0 ? [`waits for ${finalizers.join(", ")}`] : []),
  ];
  return finding(
    "namespace-there",
    "namespace",
    `the namespace "${name}" is being deleted${why.length > 0 ? ` (${why.join("; ")})` : ""}`,
    "Wait until it is gone and run this again, or choose another namespace. Where it hangs, what is named holds it up.",
  );
}

/** Every cluster has these, and needs them: they are nobody's to hand over, and a `destroy` must never delete them. */
function isSystems(name: string): boolean {
  return name === "default" || name.startsWith("kube-");
}

function ownedBy(name: string, { metadata }: V1Namespace, stack: string): Finding[] {
  const owner = metadata?.annotations?.[stackAnnotation];
  if (owner === stack) return [];
  if (isSystems(name))
    return [
      finding(
        "namespace-there",
        "namespace",
        `the namespace "${name}" is the cluster's own`,
        "Choose another name.",
      ),
    ];
  return [
    finding(
      "namespace-there",
      "namespace",
      `there is a namespace "${name}" already, ${owner ? `of the stack ${owner}` : "made by somebody else"}`,
      'Choose another name; or set namespacePolicy to "existing" to use it as it is. ' +
        `To hand it over to this stack: kubectl annotate namespace ${name} --overwrite ${stackAnnotation}=${stack}`,
    ),
  ];
}

function restricted(name: string, { metadata }: V1Namespace): Finding[] {
  const level = metadata?.labels?.[enforce];
  if (level === "restricted") return [];
  return [
    finding(
      "namespace-restricted",
      "namespace",
      `the namespace "${name}" enforces ${level ? `Pod Security "${level}"` : "no Pod Security"}: ours is "restricted", what else runs there need not be`,
      `kubectl label namespace ${name} ${enforce}=restricted`,
      "warning",
    ),
  ];
}
