import { readCheckpoint, withoutTold } from "./checkpoint.ts";
import type { Cluster } from "./cluster.ts";
import { type Change, changes } from "./diff.ts";
import { isAutonamed, type NameSource, namedMetadata } from "./naming.ts";
import { isPatch, type KubernetesObject, objectOf } from "./objects.ts";
import { type Mutability, replacedPaths } from "./replacement.ts";
import { namespaceFor } from "./scope.ts";
import { isRecord, type Properties, plain, unknown, wrapped } from "./values.ts";
import { requirementsOf } from "./wait-for.ts";

/** The inputs as they are kept: with a name and a namespace, whether the program gives them or not. */
export async function check(
  cluster: Cluster,
  { urn, olds, news, names }: { urn: string; olds: Properties; news: Properties; names: NameSource },
): Promise<Properties> {
  const values = plain(news);
  if (values.metadata === unknown) return news;
  const inputs = withoutTold(objectOf(values));
  const before = plain(olds);
  const old = before.kind === undefined ? undefined : objectOf(before);
  if (isPatch(urn, inputs) && !inputs.metadata.name)
    throw new Error("patch resources require the `.metadata.name` field to be set");
  // A requirement that can't be read is said before there is anything to wait for.
  requirementsOf(inputs);
  const metadata = namedMetadata(inputs, old, names);
  const namespace = metadata.namespace || (await namespaceFor(cluster, inputs, old));
  return wrapped({ ...inputs, metadata: { ...metadata, ...(namespace && { namespace }) } }, news);
}

export interface Plan {
  changes: Change[];
  deleteBeforeReplace: boolean;
}

/** What differs from before, without asking the cluster: what an update finds there, a refresh says. */
export function diff({
  urn,
  olds,
  oldInputs,
  news,
  mutable,
}: {
  urn: string;
  olds: Properties;
  oldInputs: Properties;
  news: Properties;
  mutable: Mutability;
}): Plan {
  const state = readCheckpoint(olds);
  const old = comparable("kind" in state.inputs ? state.inputs : plain(oldInputs));
  const now = comparable(plain(news));
  // Most resources of most updates are the same, and a large stack is waited for.
  const paths = replacedPaths(now, mutable);
  const found = changes(old, now, isPatch(urn, now) ? paths.slice(0, 2) : paths);
  return {
    changes: found,
    deleteBeforeReplace: found.some(({ replace }) => replace) && keepsPlace(state.live, now),
  };
}

/** The API's "default" namespace is also the one of an object that names none. */
function comparable(inputs: Properties): KubernetesObject {
  const object = withoutTold(objectOf(inputs));
  if (object.metadata.namespace !== "default") return object;
  const { namespace: _, ...metadata } = object.metadata;
  return { ...object, metadata };
}

/** Whether the new object has the name of the old, so that the old has to go first. */
function keepsPlace(live: Properties, now: KubernetesObject): boolean {
  const metadata = isRecord(live.metadata) ? live.metadata : {};
  return (
    !isAutonamed(now) &&
    now.metadata.name === metadata.name &&
    (now.metadata.namespace || "default") === (metadata.namespace || "default")
  );
}
