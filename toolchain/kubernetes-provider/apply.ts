import { randomBytes } from "node:crypto";
import { setTimeout as sleep } from "node:timers/promises";
import type { Cluster } from "./cluster.ts";
import { parsePath } from "./diff.ts";
import { ApiError, isNamespaceMissing, isNotFound, messageOf, NoMatch } from "./faults.ts";
import { belongsToOthers } from "./managed-fields.ts";
import { annotation, at, type KubernetesObject } from "./objects.ts";
import { isRecord, type Properties } from "./values.ts";

/** A kind is served a moment after its definition is there, and a namespace may be on its way. */
const attempts = 5;

/** Whether to take fields from whoever set them. */
export function isForced(inputs: KubernetesObject, env = process.env): boolean {
  return annotation(inputs, "patchForce") === "true" || env.PULUMI_K8S_ENABLE_PATCH_FORCE === "true";
}

export async function apply(
  cluster: Cluster,
  object: KubernetesObject,
  options: { fieldManager: string; force: boolean },
): Promise<KubernetesObject> {
  for (let attempt = 1; ; attempt++) {
    try {
      return await cluster.apply(object, { ...options, dryRun: false });
    } catch (error) {
      const mayCome = isNotFound(error) || error instanceof NoMatch;
      if (!mayCome || attempt === attempts || cluster.cancelled.aborted) throw explained(error, options);
      await sleep(200 * 2 ** attempt, undefined, { signal: cluster.cancelled });
    }
  }
}

/** What the API server would make of an object; undefined when it can't say before something else is there. */
export async function applyDry(
  cluster: Cluster,
  object: KubernetesObject,
  options: { fieldManager: string; force: boolean },
): Promise<KubernetesObject | undefined> {
  try {
    return await cluster.apply(object, { ...options, dryRun: true });
  } catch (error) {
    // Who may preview but not write, and quotas: as the official provider has it, these show in the update.
    if (isNamespaceMissing(error) || (error instanceof ApiError && error.code === 403)) return undefined;
    throw explained(error, options);
  }
}

/** What replaces an object that is still there can't be tried under its name. */
export async function createDry(
  cluster: Cluster,
  object: KubernetesObject,
  fieldManager: string,
): Promise<KubernetesObject | undefined> {
  try {
    return await applyDry(cluster, object, { fieldManager, force: true });
  } catch (error) {
    if (!/field is immutable/.test(messageOf(error))) throw error;
    const name = `${object.metadata.name}-${randomBytes(3).toString("hex")}`;
    const other = { ...object, metadata: { ...object.metadata, name } };
    const created = await applyDry(cluster, other, { fieldManager, force: true });
    return created && { ...created, metadata: { ...created.metadata, name: object.metadata.name } };
  }
}

/** The object as an update sends it: a field to ignore stays as it is, and with whom it is. */
export function ignoring(
  object: KubernetesObject,
  live: KubernetesObject,
  { ignoreChanges, fieldManager }: { ignoreChanges: readonly string[]; fieldManager: string },
): KubernetesObject {
  const copy = structuredClone(object);
  for (const path of ignoreChanges.map(parsePath)) {
    const parent = at(copy, ...path.slice(0, -1));
    const key = path.at(-1);
    const current = at(live, ...path);
    if (!isRecord(parent) || typeof key !== "string") continue;
    if (belongsToOthers(live, path, fieldManager)) delete parent[key];
    else if (current !== undefined) (parent as Properties)[key] = current;
  }
  return copy;
}

function explained(error: unknown, { fieldManager }: { fieldManager: string }): unknown {
  if (!(error instanceof ApiError) || error.reason !== "Conflict") return error;
  const link =
    "https://www.pulumi.com/registry/packages/kubernetes/how-to-guides/managing-resources-with-server-side-apply/#handle-field-conflicts-on-existing-resources";
  return new ApiError(
    error.code,
    error.reason,
    `Server-Side Apply field conflict detected. See ${link} for troubleshooting help.\n` +
      `The resource managed by field manager "${fieldManager}" had an apply conflict: ${error.message}`,
  );
}
