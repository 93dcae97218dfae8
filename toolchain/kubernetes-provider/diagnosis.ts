import type { Cluster } from "./cluster.ts";
import { type KubernetesObject, textAt } from "./objects.ts";
import { type Crash, complaintsOf, crashesOf, podSelector, symptomsOf, warningsOf } from "./symptoms.ts";

/** A workload's pods mostly have the same trouble; three show it. */
const podLimit = 3;
const logLines = 10;

/** Why an object does not become ready: its pods, their last words, and what controllers warn of. */
export async function diagnose(cluster: Cluster, object: KubernetesObject): Promise<string[]> {
  const pods = await podsOf(cluster, object).catch(() => []);
  const troubled = pods.filter((pod) => symptomsOf(pod).length > 0).slice(0, podLimit);
  const [logs, events] = await Promise.all([
    Promise.all(troubled.flatMap(crashesOf).map((crash) => lastWords(cluster, object, crash))),
    Promise.all([object, ...troubled].map((item) => warningsAbout(cluster, item))),
  ]);
  const symptoms = [...complaintsOf(object), ...troubled.flatMap(symptomsOf)];
  return [...symptoms, ...logs.flat(), ...new Set(events.flatMap((list) => warningsOf(list, symptoms)))];
}

async function podsOf(cluster: Cluster, object: KubernetesObject): Promise<readonly unknown[]> {
  if (object.kind === "Pod") return [object];
  const labelSelector = podSelector(object);
  if (labelSelector === undefined) return [];
  const { namespace } = object.metadata;
  return cluster.list({ apiVersion: "v1", kind: "Pod", namespace }, { labelSelector });
}

async function lastWords(
  cluster: Cluster,
  { metadata }: KubernetesObject,
  { pod, container, previous }: Crash,
): Promise<string[]> {
  const path = `/api/v1/namespaces/${metadata.namespace}/pods/${pod}/log`;
  const query = { container, tailLines: String(logLines), previous: previous ? "true" : undefined };
  const log = await cluster.request("GET", path, { query }).catch(() => "");
  const lines = log.trimEnd().split("\n").filter(Boolean).slice(-logLines);
  return lines.length > 0
    ? [`last lines of container "${container}" in pod ${pod}:`, ...lines.map(indent)]
    : [];
}

const indent = (line: string) => `    ${line}`;

async function warningsAbout(cluster: Cluster, object: unknown): Promise<readonly unknown[]> {
  const fieldSelector = `involvedObject.uid=${textAt(object, "metadata", "uid")},type=Warning`;
  const namespace = textAt(object, "metadata", "namespace") || undefined;
  return cluster.list({ apiVersion: "v1", kind: "Event", namespace }, { fieldSelector }).catch(() => []);
}
