import { readCheckpoint } from "./checkpoint.ts";
import type { Cluster } from "./cluster.ts";
import { isNotFound, messageOf, NoMatch } from "./faults.ts";
import type { Context } from "./lifecycle.ts";
import {
  annotation,
  groupOf,
  identityOf,
  isPatch,
  type KubernetesObject,
  listAt,
  objectOf,
  textAt,
} from "./objects.ts";
import type { Properties } from "./values.ts";
import { skipsAwait, ticks, timeoutOf } from "./waiting.ts";

/** Deletes what a resource made and waits until it is gone; what is gone already is fine. */
export async function remove(
  { cluster, log, deleteUnreachable }: Context,
  { urn, id, olds, timeout }: { urn: string; id: string; olds: Properties; timeout: number },
): Promise<void> {
  try {
    await cluster.reach();
  } catch (error) {
    log.warn(urn, messageOf(error));
    if (deleteUnreachable) return;
    throw new Error(
      'configured Kubernetes cluster is unreachable. If the cluster was deleted, you can remove this resource from Pulumi state by rerunning the operation with the PULUMI_K8S_DELETE_UNREACHABLE environment variable set to "true"',
    );
  }
  const state = readCheckpoint(olds);
  const { apiVersion, kind } = objectOf(state.live);
  const inputs = objectOf({ ...state.inputs, apiVersion, kind });
  const object = { apiVersion, kind, metadata: identityOf(id) };
  try {
    if (isPatch(urn, inputs)) await relinquish(cluster, object, state.fieldManager);
    else await removeObject(cluster, object, { inputs, uid: textAt(state.live, "metadata", "uid"), timeout });
  } catch (error) {
    // A kind that is not served any more has no objects either.
    if (!isNotFound(error) && !(error instanceof NoMatch)) throw error;
  }
}

/** Leaves the fields of a patch to nobody, which removes those that only the patch has set. */
async function relinquish(cluster: Cluster, object: KubernetesObject, fieldManager: string | undefined) {
  await cluster.get(object);
  if (fieldManager !== undefined) await cluster.apply(object, { fieldManager, force: true, dryRun: false });
}

async function removeObject(
  cluster: Cluster,
  object: KubernetesObject,
  { inputs, uid, timeout }: { inputs: KubernetesObject; uid: string; timeout: number },
): Promise<void> {
  await cluster.delete(object, propagation(inputs));
  if (skipsAwait(inputs) && skippable.includes(`${groupOf(object.apiVersion)}/${object.kind}`)) return;
  const slow = ["Deployment", "StatefulSet"].includes(object.kind);
  const wait = timeoutOf(inputs, timeout, slow ? 600 : 300);
  const deadline = Date.now() + wait;
  let left = "";
  for await (const _ of ticks(cluster.cancelled, deadline)) {
    const live = await cluster.get(object).catch((error) => {
      if (isNotFound(error)) throw error;
      left = messageOf(error);
      return undefined;
    });
    if (live === undefined) continue;
    if (uid !== "" && textAt(live, "metadata", "uid") !== uid) return;
    left = remains(live);
  }
  const what = `${object.apiVersion}/${object.kind} "${object.metadata.name}"`;
  throw new Error(
    cluster.cancelled.aborted
      ? `the wait for the deletion of ${what} was cancelled; ${left}`
      : `timed out after ${wait / 1_000} s waiting for the deletion of ${what}; ${left}`,
  );
}

/** For these alone the official provider heeds `skipAwait` when it deletes. */
const skippable = [
  "/Namespace",
  "/Pod",
  "/ReplicationController",
  "apps/DaemonSet",
  "apps/Deployment",
  "apps/StatefulSet",
  "batch/Job",
];

function propagation(inputs: KubernetesObject): string {
  const policy = annotation(inputs, "deletionPropagationPolicy").toLowerCase();
  return { orphan: "Orphan", background: "Background" }[policy] ?? "Foreground";
}

/** Why an object stays: somebody is to clean up first, or a namespace's contents stay. */
function remains(live: KubernetesObject): string {
  const finalizers = listAt(live, "metadata", "finalizers");
  const conditions = listAt(live, "status", "conditions")
    .filter((item) => live.kind === "Namespace" && textAt(item, "status") === "True")
    .map((item) => textAt(item, "message"));
  return [`it still exists, with finalizers ${JSON.stringify(finalizers)}`, ...conditions].join("; ");
}
