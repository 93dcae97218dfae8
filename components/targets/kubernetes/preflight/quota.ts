import type { V1Pod, V1ResourceQuota } from "@kubernetes/client-node";
import type { Finding } from "../../../rules/finding.ts";
import { known } from "../cluster-fault.ts";
import type { Facts } from "./facts.ts";
import { finding } from "./finding.ts";
import type { Needs } from "./needs.ts";
import { quantity } from "./quantity.ts";

/** The names by which a quota counts what pods request. */
const counted: Record<keyof NonNullable<Needs["claims"]>, string[]> = {
  cpu: ["requests.cpu", "cpu"],
  memory: ["requests.memory", "memory"],
  pods: ["pods", "count/pods"],
};

/** That an existing namespace's quotas leave room for the declaration. Pods of ours that run already make room for it. */
export function judgeQuota(
  { quotas, pods }: Pick<Facts, "quotas" | "pods">,
  claims: Needs["claims"] = {},
): Finding[] {
  const ours = (known(pods)?.items ?? []).filter(
    ({ status }) => status?.phase !== "Succeeded" && status?.phase !== "Failed",
  );
  // A quota with a scope counts some pods only.
  const whole = (known(quotas)?.items ?? []).filter(
    ({ spec }) => !spec?.scopes?.length && !spec?.scopeSelector,
  );
  return whole.flatMap((quota) =>
    (["cpu", "memory", "pods"] as const).flatMap((resource) => {
      const wanted = claims[resource];
      if (wanted === undefined) return [];
      return counted[resource].flatMap((name) => exceeded(quota, name, String(wanted), held(ours, resource)));
    }),
  );
}

function exceeded(
  { metadata, spec, status }: V1ResourceQuota,
  name: string,
  wanted: string,
  ours: number,
): Finding[] {
  const hard = spec?.hard?.[name];
  const used = status?.used?.[name] ?? "0";
  if (hard === undefined) return [];
  const [want, most, now] = [quantity(wanted), quantity(hard), quantity(used)];
  if (want === undefined || most === undefined || now === undefined) return [];
  const others = Math.max(0, now - ours);
  // What is counted in floating point may be off by a breath.
  if (want <= (most - others) * (1 + 1e-9)) return [];
  return [
    finding(
      "namespace-quota",
      "namespace",
      `the quota "${metadata?.name}" allows ${name} ${hard} and ${others > 0 ? `${used} of it are used` : "none of it is used by others"}; the declaration needs ${wanted}`,
      "Raise the quota (the target's own is its property quota), lower replicas or resources, or choose another namespace.",
    ),
  ];
}

function held(pods: V1Pod[], resource: keyof typeof counted): number {
  if (resource === "pods") return pods.length;
  const containers = pods.flatMap(({ spec }) => [
    ...(spec?.containers ?? []),
    ...(spec?.initContainers?.filter(({ restartPolicy }) => restartPolicy === "Always") ?? []),
  ]);
  return containers
    .map(({ resources }) => quantity(resources?.requests?.[resource] ?? "0") ?? 0)
    .reduce((sum, each) => sum + each, 0);
}
