import { at, condition, type KubernetesObject, listAt, numberAt, recordAt, textAt } from "./objects.ts";
import type { Properties } from "./values.ts";

/** A container whose last words are worth showing. */
export interface Crash {
  pod: string;
  container: string;
  /** Whether they are of a run before the present one. */
  previous: boolean;
}

const podName = (pod: unknown) => textAt(pod, "metadata", "name");

/** What keeps a pod from being ready, in words, one line a cause. */
export function symptomsOf(pod: unknown): string[] {
  const scheduled = condition(pod, "PodScheduled");
  const causes =
    textAt(scheduled, "status") === "False"
      ? [`${textAt(scheduled, "reason")}: ${textAt(scheduled, "message")}`]
      : statusesOf(pod).flatMap(containerSymptoms);
  const message = textAt(pod, "status", "message");
  if (causes.length === 0 && message) causes.push(`${textAt(pod, "status", "reason")}: ${message}`);
  return causes.map((cause) => `pod ${podName(pod)}: ${cause}`);
}

/** The containers of a pod that have ended with an error, and may again. */
export function crashesOf(pod: unknown): Crash[] {
  return statusesOf(pod)
    .filter((status) => lastExit(status) !== 0)
    .map((status) => ({
      pod: podName(pod),
      container: textAt(status, "name"),
      previous: at(status, "state", "terminated") === undefined,
    }));
}

function statusesOf(pod: unknown): readonly unknown[] {
  return [...listAt(pod, "status", "initContainerStatuses"), ...listAt(pod, "status", "containerStatuses")];
}

/** A container that runs again now, and well, has no exit to speak of. */
function lastExit(status: unknown): number {
  if (at(status, "ready") === true) return 0;
  return (
    numberAt(status, "state", "terminated", "exitCode") ??
    numberAt(status, "lastState", "terminated", "exitCode") ??
    0
  );
}

function containerSymptoms(status: unknown): string[] {
  const container = `container "${textAt(status, "name")}"`;
  const exit = lastExit(status);
  const ended = exit === 0 ? "" : `; it ended with exit code ${exit}`;
  const waiting = recordAt(status, "state", "waiting");
  // These two say no more than that it is early.
  const early = ["ContainerCreating", "PodInitializing"].includes(String(waiting.reason));
  if (waiting.reason !== undefined && !early) {
    const message = textAt(waiting, "message");
    return [`${container} is waiting: ${[waiting.reason, message].filter(Boolean).join(": ")}${ended}`];
  }
  if (at(status, "state", "terminated") !== undefined && exit !== 0) {
    const reason = textAt(status, "state", "terminated", "reason");
    return [`${container} has ended with exit code ${exit}${reason ? ` (${reason})` : ""}`];
  }
  if (at(status, "state", "running") !== undefined && at(status, "ready") === false)
    return [`${container} runs and is not ready${ended}`];
  return [];
}

/** What a workload's own conditions complain of, such as pods that a quota forbids. */
export function complaintsOf(object: KubernetesObject): string[] {
  const failure = condition(object, "ReplicaFailure");
  return textAt(failure, "status") === "True"
    ? [`${textAt(failure, "reason")}: ${textAt(failure, "message")}`]
    : [];
}

const eventLimit = 3;

/** The last of some warning events, each once, without what `said` has already. */
export function warningsOf(events: readonly unknown[], said: readonly string[] = []): string[] {
  const time = (event: unknown) =>
    textAt(event, "lastTimestamp") || textAt(event, "eventTime") || textAt(event, "firstTimestamp");
  const lines = events
    .toSorted((one, other) => time(one).localeCompare(time(other)))
    .filter((event) => {
      const message = textAt(event, "message").replace(/^Error: /, "");
      return !said.some((line) => line.includes(message));
    })
    .map((event) => {
      const { kind, name } = recordAt(event, "involvedObject");
      return `event on ${kind} ${name}: ${textAt(event, "reason")}: ${textAt(event, "message")}`;
    });
  return [...new Set(lines)].slice(-eventLimit);
}

/** A selector as a list request takes it; undefined when the object selects no pods. */
export function podSelector(object: KubernetesObject): string | undefined {
  const selector = recordAt(object, "spec", "selector");
  if (object.kind === "Service") return text(labels(selector));
  return text([
    ...labels(recordAt(selector, "matchLabels")),
    ...listAt(selector, "matchExpressions").map(expression),
  ]);
}

const text = (parts: string[]) => (parts.length > 0 ? parts.join(",") : undefined);
const labels = (map: Properties) => Object.entries(map).map(([key, value]) => `${key}=${value}`);

function expression(item: unknown): string {
  const key = textAt(item, "key");
  const values = listAt(item, "values").join(",");
  switch (textAt(item, "operator")) {
    case "In":
      return `${key} in (${values})`;
    case "NotIn":
      return `${key} notin (${values})`;
    case "DoesNotExist":
      return `!${key}`;
    default:
      return key;
  }
}
