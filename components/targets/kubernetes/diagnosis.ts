import type { CoreV1Event, KubeConfig } from "@kubernetes/client-node";
import { oneLine, redact } from "../../../smoke/redact.ts";
import { type ClusterApi, withApi } from "./api.ts";
import { clusterFault } from "./cluster-fault.ts";
import { type Trouble, troublesOf } from "./pod-troubles.ts";
import { askWorkloads, newest, type WorkloadFacts } from "./workload-facts.ts";

const deadlineMs = 10_000;
/** Log lines may hold what nobody thinks of: few are shown, and none of many pods. */
const logLines = 10;
const mostEvents = 5;

/** Says in words why a workload's pods are not ready. Never throws, and takes ten seconds at most. */
export async function diagnose(
  kubeConfig: KubeConfig,
  namespace: string,
  selectorLabels: Record<string, string>,
): Promise<string> {
  try {
    return await withApi(kubeConfig, deadlineMs, async (api) => {
      const facts = newest(await askWorkloads(api, namespace, selectorLabels));
      const groups = troubledPods(facts);
      const logs = await Promise.all(groups.map((group) => logOf(api, namespace, group)));
      return explain(facts, groups, logs);
    });
  } catch (error) {
    return `why it is not ready can't be said: the cluster ${clusterFault(error).reason}`;
  }
}

/** Pods that suffer the same. */
export interface TroubledPods extends Trouble {
  pods: string[];
}

/** The pods in trouble, those with the same one together. Pure. */
export function troubledPods({ pods }: Pick<WorkloadFacts, "pods">): TroubledPods[] {
  const each = pods.flatMap((pod) =>
    troublesOf(pod).map((trouble) => ({ name: pod.metadata?.name ?? "", trouble })),
  );
  // Restart counts and times differ where the trouble is the same.
  const same = Map.groupBy(each, ({ name, trouble }) =>
    trouble.what.replaceAll(name, "").replaceAll(/\d+/g, "#"),
  );
  return [...same.values()].flatMap((group) =>
    group[0] ? [{ ...group[0].trouble, pods: group.map(({ name }) => name) }] : [],
  );
}

/** Everything that is known, in words. Pure. */
export function explain(
  facts: WorkloadFacts,
  groups: readonly TroubledPods[],
  logs: readonly (string | undefined)[] = [],
): string {
  const pods = groups.map((group, index) => describePods(group, logs[index]));
  const warnings = warningsOf(facts).map(
    ({ reason, message, involvedObject }) =>
      `${kindInWords(involvedObject.kind)} ${involvedObject.name}: ${oneLine(message ?? "").slice(0, 400)} (${reason})${hint(message)}`,
  );
  const lines = [...pods, ...warnings];
  if (lines.length > 0) return lines.join("\n");
  if (facts.deployments.length + facts.replicaSets.length === 0) return "its Deployment is not there";
  if (facts.pods.length === 0) return "it has no pods, and no event says why";
  return (
    underway(facts) ??
    "its pods are ready now: it took longer than it was given, or its neighbours were not ready"
  );
}

/** That a change is on its way, and the pods that are seen are not those it is about. */
function underway({ deployments, pods }: WorkloadFacts): string | undefined {
  if (pods.every(({ metadata }) => metadata?.deletionTimestamp))
    return "its pods are about to end, and those that take their place are not there yet";
  const changing = deployments.find(({ metadata, spec, status }) => {
    const wanted = spec?.replicas ?? 1;
    const isSeen = (status?.observedGeneration ?? 0) >= (metadata?.generation ?? 0);
    return !isSeen || Math.min(status?.updatedReplicas ?? 0, status?.readyReplicas ?? 0) < wanted;
  });
  if (!changing) return undefined;
  return `a change of it is under way: ${changing.status?.readyReplicas ?? 0} of ${changing.spec?.replicas ?? 1} pods are ready, and nothing has gone wrong yet`;
}

function describePods({ pods, what, advice, log }: TroubledPods, lines: string | undefined): string {
  const [first, ...others] = pods;
  const more = others.length > 0 ? ` (and ${others.length} more)` : "";
  const before = log?.previous ? ", from before its last restart" : "";
  return [
    `pod ${first}${more}: ${what}`,
    ...(advice ? [`    → ${advice}`] : []),
    ...(lines
      ? [
          `    the last lines of its log${before}, with what looks like a credential masked:`,
          ...lines.split("\n").map((each) => `    | ${each}`),
        ]
      : []),
  ].join("\n");
}

/** The newest warnings about the workload, each said once. */
function warningsOf({ events, pods, replicaSets, deployments }: WorkloadFacts): CoreV1Event[] {
  const ours = new Set([...pods, ...replicaSets, ...deployments].map(({ metadata }) => metadata?.uid));
  const about = events
    .filter(({ involvedObject }) => ours.has(involvedObject.uid))
    // What the pod's state says already, and better.
    .filter(({ reason }) => !["BackOff", "Failed", "FailedScheduling"].includes(reason ?? ""))
    .toSorted((a, b) => timeOf(b) - timeOf(a));
  const names = [...pods, ...replicaSets].map(({ metadata }) => metadata?.name ?? "");
  const unnamed = ({ reason, message = "" }: CoreV1Event) =>
    `${reason} ${names.reduce((text, name) => text.replaceAll(name, ""), message)}`.replaceAll(
      /[0-9a-f]{6,}|\d+/g,
      "#",
    );
  return [...new Map(about.toReversed().map((event) => [unnamed(event), event])).values()]
    .toReversed()
    .slice(0, mostEvents);
}

function timeOf({ lastTimestamp, eventTime, series, metadata }: CoreV1Event): number {
  const last = series?.lastObservedTime ?? lastTimestamp ?? eventTime ?? metadata.creationTimestamp;
  return last ? new Date(last).getTime() : 0;
}

function kindInWords(kind = "object"): string {
  return kind.replace(/(?<=[a-z])([A-Z])/g, " $1").toLowerCase();
}

function hint(message = ""): string {
  if (/exceeded quota/.test(message))
    return "\n    → Have the namespace's quota raised, or lower `replicas` or `resources`.";
  if (/violates PodSecurity/.test(message))
    return "\n    → A `transform` or an admission webhook has changed the pod: undo what the message names.";
  return "";
}

async function logOf(
  { core }: Pick<ClusterApi, "core">,
  namespace: string,
  { pods, log }: TroubledPods,
): Promise<string | undefined> {
  const [name] = pods;
  if (!log || name === undefined) return undefined;
  const { container, previous } = log;
  try {
    const text = await core.readNamespacedPodLog({
      namespace,
      name,
      container,
      previous,
      tailLines: logLines,
    });
    return shownLines(text);
  } catch {
    return undefined;
  }
}

/** The end of a log as it may be shown: nothing that looks like a credential, nothing that a terminal obeys. Pure. */
export function shownLines(text: string): string | undefined {
  const lines = text
    .trimEnd()
    .split("\n")
    .slice(-logLines)
    .map((line) => oneLine(line))
    .map((line) => (line.length > 300 ? `${line.slice(0, 300).replace(/\S*$/, "")}…` : line));
  const shown = redact(lines.join("\n")).trimEnd();
  return shown === "" ? undefined : shown;
}
