import { createHash, randomBytes } from "node:crypto";
import { annotation, type KubernetesObject, type Metadata } from "./objects.ts";
import { unknown } from "./values.ts";

/** What the engine says of names: a seed that makes a plan repeatable, and a name from `pulumi:autonaming`. */
export interface NameSource {
  urnName: string;
  seed: Uint8Array;
  proposed?: string;
  disabled?: boolean;
}

const autonamed = "autonamed";

export function isAutonamed(object: KubernetesObject): boolean {
  return annotation(object, autonamed) === "true";
}

/** The metadata of an object that has no name: one made from the resource's, or the one made before. */
export function namedMetadata(
  { metadata }: KubernetesObject,
  old: KubernetesObject | undefined,
  source: NameSource,
): Metadata {
  if (metadata.name || (metadata as unknown) === unknown) return metadata;
  if (metadata.generateName !== undefined)
    throw new Error("the `.metadata.generateName` field is not supported in Server-Side Apply mode");
  if (old === undefined) return withName(metadata, newName(source));
  return isAutonamed(old) ? withName(metadata, String(old.metadata.name)) : metadata;
}

function withName(metadata: Metadata, name: string): Metadata {
  const annotations = { ...metadata.annotations, [`pulumi.com/${autonamed}`]: "true" };
  return { ...metadata, name, annotations };
}

function newName({ urnName, seed, proposed, disabled }: NameSource): string {
  if (disabled)
    throw new Error("autonaming is disabled, so the resource must have a name: set `.metadata.name`");
  if (proposed) return proposed;
  const random = seed.length > 0 ? createHash("sha256").update(seed).digest() : randomBytes(4);
  return `${urnName}-${random.toString("hex").slice(0, 8)}`;
}

/** One a resource, so that two programs that set the same field of an object get a conflict and not a race. */
export function newFieldManager(): string {
  return `pulumi-kubernetes-${randomBytes(4).toString("hex")}`;
}
