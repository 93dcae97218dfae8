import {
  condition,
  groupOf,
  isTrue,
  type KubernetesObject,
  listAt,
  numberAt,
  recordAt,
  textAt,
} from "./objects.ts";

/** What an object says of itself: done, not yet, or never. */
export type Judgement = { state: "ready" } | { state: "waiting" | "failed"; reason: string };

/** What a judgement needs beside the object. */
export interface Surroundings {
  /** Addresses of ready pods behind a Service. */
  endpoints?: number;
  /** When a Deployment last said how its rollout goes, if that was before the change that is waited for. */
  outdated?: string;
  /** How the storage class of a claim binds. */
  bindingMode?: string;
}

type Judge = (object: KubernetesObject, surroundings: Surroundings) => Judgement;

const ready: Judgement = { state: "ready" };
const waiting = (reason: string): Judgement => ({ state: "waiting", reason });
const failed = (reason: string): Judgement => ({ state: "failed", reason });

/** See {@link Surroundings.outdated}: of an object as it was applied. A controller leaves the old word until it has a new one. */
export function outdatedIn(applied: KubernetesObject): string | undefined {
  const isChanged = unseen(applied) !== undefined;
  return (isChanged && textAt(condition(applied, "Progressing"), "lastUpdateTime")) || undefined;
}

/** What the official provider waits for, by group and kind; every other kind is done when it is there. */
const judges: Record<string, Judge> = {
  "apps/Deployment": deployment,
  "apps/StatefulSet": statefulSet,
  "apps/DaemonSet": daemonSet,
  "batch/Job": job,
  "networking.k8s.io/Ingress": ingress,
  "apiextensions.k8s.io/CustomResourceDefinition": definition,
  "/Pod": pod,
  "/Service": service,
  "/PersistentVolumeClaim": claim,
  "/PersistentVolume": volume,
  "/ResourceQuota": quota,
};

const kindOf = ({ apiVersion, kind }: KubernetesObject) => `${groupOf(apiVersion)}/${kind}`;

export function isAwaited(object: KubernetesObject): boolean {
  return kindOf(object) in judges;
}

export function judge(object: KubernetesObject, surroundings: Surroundings = {}): Judgement {
  return judges[kindOf(object)]?.(object, surroundings) ?? ready;
}

/** How long to wait by default, in seconds. */
export function defaultTimeout(object: KubernetesObject): number {
  const slow = ["Deployment", "StatefulSet", "DaemonSet", "Job", "Service", "Ingress", "Pod"];
  if (object.kind === "ResourceQuota") return 60;
  return slow.includes(object.kind) ? 600 : 300;
}

/** A Service whose pods are waited for; the others have an address or nothing to point to. */
export function needsEndpoints(service: KubernetesObject): boolean {
  const headless = textAt(service, "spec", "clusterIP") === "None";
  const selects = Object.keys(recordAt(service, "spec", "selector")).length > 0;
  return selects && !headless && textAt(service, "spec", "type") !== "ExternalName";
}

function unseen(object: KubernetesObject): Judgement | undefined {
  const generation = numberAt(object, "metadata", "generation") ?? 0;
  if ((numberAt(object, "status", "observedGeneration") ?? 0) >= generation) return undefined;
  return waiting("its controller has not seen the change yet");
}

function deployment(object: KubernetesObject, { outdated }: Surroundings): Judgement {
  const unseenYet = unseen(object);
  if (unseenYet) return unseenYet;
  const progressing = condition(object, "Progressing");
  const exceeded = textAt(progressing, "reason") === "ProgressDeadlineExceeded";
  if (exceeded && (outdated === undefined || textAt(progressing, "lastUpdateTime") !== outdated))
    return failed(textAt(progressing, "message") || "the rollout exceeded its progress deadline");
  const wanted = numberAt(object, "spec", "replicas") ?? 1;
  const count = (name: string) => numberAt(object, "status", name) ?? 0;
  if (count("updatedReplicas") < wanted)
    return waiting(`${count("updatedReplicas")} of ${wanted} replicas are updated`);
  if (count("replicas") > count("updatedReplicas"))
    return waiting(`${count("replicas") - count("updatedReplicas")} old replicas still run`);
  if (count("availableReplicas") < wanted)
    return waiting(`${count("availableReplicas")} of ${wanted} replicas are available`);
  return ready;
}

function statefulSet(object: KubernetesObject): Judgement {
  const unseenYet = unseen(object);
  if (unseenYet) return unseenYet;
  const wanted = numberAt(object, "spec", "replicas") ?? 1;
  const count = (name: string) => numberAt(object, "status", name) ?? 0;
  if (count("readyReplicas") < wanted)
    return waiting(`${count("readyReplicas")} of ${wanted} replicas are ready`);
  if (textAt(object, "spec", "updateStrategy", "type") === "OnDelete") return ready;
  const partition = numberAt(object, "spec", "updateStrategy", "rollingUpdate", "partition") ?? 0;
  const updating = textAt(object, "status", "updateRevision") !== textAt(object, "status", "currentRevision");
  const moving = Math.max(wanted - partition, 0);
  if (updating && count("updatedReplicas") < moving)
    return waiting(`${count("updatedReplicas")} of ${moving} replicas are updated`);
  return ready;
}

function daemonSet(object: KubernetesObject): Judgement {
  const unseenYet = unseen(object);
  if (unseenYet) return unseenYet;
  const count = (name: string) => numberAt(object, "status", name) ?? 0;
  const wanted = count("desiredNumberScheduled");
  if (
    count("updatedNumberScheduled") < wanted &&
    textAt(object, "spec", "updateStrategy", "type") !== "OnDelete"
  )
    return waiting(`${count("updatedNumberScheduled")} of ${wanted} pods are updated`);
  if (count("numberAvailable") < wanted)
    return waiting(`${count("numberAvailable")} of ${wanted} pods are available`);
  return ready;
}

function job(object: KubernetesObject): Judgement {
  if (isTrue(object, "Complete") || isTrue(object, "Suspended")) return ready;
  const failure = condition(object, "Failed");
  if (textAt(failure, "status") === "True")
    return failed([textAt(failure, "reason"), textAt(failure, "message")].filter(Boolean).join(": "));
  const wanted = numberAt(object, "spec", "completions") ?? 1;
  return waiting(`${numberAt(object, "status", "succeeded") ?? 0} of ${wanted} pods have succeeded`);
}

function pod(object: KubernetesObject): Judgement {
  const phase = textAt(object, "status", "phase");
  if (phase === "Succeeded" || isTrue(object, "Ready")) return ready;
  if (phase === "Failed") return failed(textAt(object, "status", "message") || "the pod has failed");
  return waiting(`the pod is ${phase || "not seen yet"} and not ready`);
}

function service(object: KubernetesObject, { endpoints = 0 }: Surroundings): Judgement {
  if (needsEndpoints(object) && endpoints === 0)
    return waiting(
      "Service does not target any Pods. Selected Pods may not be ready, or field '.spec.selector' may not match labels on any Pods",
    );
  if (textAt(object, "spec", "type") !== "LoadBalancer" || hasAddress(object)) return ready;
  return waiting("Service was not allocated an IP address; does your cloud provider support this?");
}

function ingress(object: KubernetesObject): Judgement {
  if (hasAddress(object)) return ready;
  return waiting("Ingress .status.loadBalancer field was not updated with a hostname/IP address");
}

function hasAddress(object: KubernetesObject): boolean {
  return listAt(object, "status", "loadBalancer", "ingress").length > 0;
}

function claim(object: KubernetesObject, { bindingMode }: Surroundings): Judgement {
  const phase = textAt(object, "status", "phase");
  // Nothing would bind it before a pod uses it, and that pod may wait for this claim.
  if (phase === "Bound" || (phase === "Pending" && bindingMode === "WaitForFirstConsumer")) return ready;
  if (phase === "Lost") return failed("the claim has lost its volume");
  return waiting(`the claim is ${phase || "not seen yet"}: no volume is bound to it`);
}

function volume(object: KubernetesObject): Judgement {
  const phase = textAt(object, "status", "phase");
  if (phase === "Available" || phase === "Bound") return ready;
  return phase === "Failed" ? failed(textAt(object, "status", "message")) : waiting(`the volume is ${phase}`);
}

function quota(object: KubernetesObject): Judgement {
  const seen = recordAt(object, "status", "hard");
  const wanted = Object.keys(recordAt(object, "spec", "hard"));
  return wanted.every((name) => name in seen) ? ready : waiting("the quota is not in force yet");
}

function definition(object: KubernetesObject): Judgement {
  if (isTrue(object, "Established")) return ready;
  const names = condition(object, "NamesAccepted");
  if (textAt(names, "status") === "False") return failed(textAt(names, "message"));
  return waiting("the API server does not serve it yet");
}
