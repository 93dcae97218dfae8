import { setTimeout as sleep } from "node:timers/promises";
import type { Cluster } from "./cluster.ts";
import { diagnose } from "./diagnosis.ts";
import { ApiError, isNotFound, messageOf } from "./faults.ts";
import { annotation, at, type KubernetesObject, listAt, textAt } from "./objects.ts";
import {
  defaultTimeout,
  isAwaited,
  judge,
  needsEndpoints,
  outdatedIn,
  type Surroundings,
} from "./readiness.ts";
import { judgeRequirements, requirementsOf } from "./wait-for.ts";

/** How a wait ended: with the object as it is then and, if it does not work, with why. */
export interface Outcome {
  live: KubernetesObject;
  problem?: { message: string; reasons: string[] };
}

/** How long an operation may take, in milliseconds: `customTimeouts`, else the annotation, else the kind's. */
export function timeoutOf(object: KubernetesObject, customSeconds: number, byDefault: number): number {
  return 1_000 * (customSeconds || Number.parseInt(annotation(object, "timeoutSeconds"), 10) || byDefault);
}

export function skipsAwait(inputs: KubernetesObject): boolean {
  return annotation(inputs, "skipAwait") === "true";
}

/** Waits until an object that was applied works. `report` gets what it waits for, each time that changes. */
export async function awaitReady(
  cluster: Cluster,
  applied: KubernetesObject,
  {
    inputs,
    timeout: custom,
    report,
  }: {
    inputs: KubernetesObject;
    timeout: number;
    report: (text: string) => void;
  },
): Promise<Outcome> {
  const requirements = isAwaited(applied) ? [] : requirementsOf(inputs);
  if (skipsAwait(inputs) || (!isAwaited(applied) && requirements.length === 0)) return { live: applied };
  const judgeIt = async () =>
    requirements.length > 0
      ? judgeRequirements(live, requirements)
      : judge(live, { ...(await surroundings(cluster, live)), outdated: outdatedIn(applied) });
  const timeout = timeoutOf(inputs, custom, defaultTimeout(applied));
  const deadline = Date.now() + timeout;
  let live = applied;
  let said = "";
  for await (const _ of ticks(cluster.cancelled, deadline)) {
    try {
      live = await cluster.get(applied);
      const judgement = await judgeIt();
      if (judgement.state === "ready") {
        // What it waited for would stand beside "created".
        if (said !== "") report("");
        return { live };
      }
      if (judgement.state === "failed")
        return { live, problem: await problem(cluster, live, judgement.reason) };
      if (judgement.reason !== said) report(judgement.reason);
      said = judgement.reason;
    } catch (error) {
      if (isNotFound(error)) return { live, problem: { message: "it was deleted meanwhile", reasons: [] } };
      // The API server may be restarting; the deadline ends this too.
      said = messageOf(error);
    }
  }
  if (cluster.cancelled.aborted)
    return { live, problem: { message: `the wait was cancelled: ${said}`, reasons: [] } };
  return { live, problem: await problem(cluster, live, `not ready after ${timeout / 1_000} s: ${said}`) };
}

/** Why an object does not work at this moment; undefined when it does, or can't be judged. */
export async function faultNow(cluster: Cluster, live: KubernetesObject): Promise<string | undefined> {
  const around = await surroundings(cluster, live).catch(() => undefined);
  const judgement = around && judge(live, around);
  return judgement && "reason" in judgement ? judgement.reason : undefined;
}

async function problem(cluster: Cluster, live: KubernetesObject, message: string) {
  return { message, reasons: await diagnose(cluster, live).catch(() => []) };
}

/** Soon at first, since much is ready at once, and then less often. Ends at the deadline and with the operation. */
export async function* ticks(cancelled: AbortSignal, deadline: number): AsyncGenerator<void> {
  for (let pause = 100; !cancelled.aborted; pause = Math.min(pause * 1.4, 2_000)) {
    yield;
    const left = deadline - Date.now();
    if (left <= 0) return;
    await sleep(Math.min(pause, left), undefined, { signal: cancelled }).catch(() => undefined);
  }
}

async function surroundings(cluster: Cluster, object: KubernetesObject): Promise<Surroundings> {
  if (object.kind === "Service" && needsEndpoints(object))
    return { endpoints: await endpointsOf(cluster, object) };
  if (object.kind === "PersistentVolumeClaim") return { bindingMode: await bindingModeOf(cluster, object) };
  return {};
}

async function endpointsOf(cluster: Cluster, { metadata }: KubernetesObject): Promise<number> {
  const slices = await cluster.list(
    { apiVersion: "discovery.k8s.io/v1", kind: "EndpointSlice", namespace: metadata.namespace },
    { labelSelector: `kubernetes.io/service-name=${metadata.name}` },
  );
  const endpoints = slices.flatMap((slice) => listAt(slice, "endpoints"));
  return endpoints.filter((endpoint) => at(endpoint, "conditions", "ready") !== false).length;
}

async function bindingModeOf(cluster: Cluster, claim: KubernetesObject): Promise<string | undefined> {
  const name = textAt(claim, "spec", "storageClassName");
  if (name === "") return undefined;
  const storageClass = { apiVersion: "storage.k8s.io/v1", kind: "StorageClass", metadata: { name } };
  const found = await cluster.get(storageClass).catch((error: unknown) => {
    // Classes are the whole cluster's, and many may not read them. To wait for a volume that nobody makes before its
    // first pod would take the whole deadline, and fail; not to wait leaves it to the pod, which shows it too.
    if (error instanceof ApiError && error.code === 403) return { volumeBindingMode: "WaitForFirstConsumer" };
    return undefined;
  });
  return textAt(found, "volumeBindingMode") || undefined;
}
