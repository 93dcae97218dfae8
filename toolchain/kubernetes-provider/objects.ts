import { isRecord, type Properties } from "./values.ts";

/** What is asked of any object's metadata. */
export interface Metadata extends Properties {
  name?: string;
  namespace?: string;
  annotations?: Record<string, unknown>;
}

/** An object of the Kubernetes API. */
export interface KubernetesObject extends Properties {
  apiVersion: string;
  kind: string;
  metadata: Metadata;
}

/** The value at a path, undefined where the path ends early. */
export function at(value: unknown, ...path: readonly (string | number)[]): unknown {
  let current = value;
  for (const key of path) {
    if (typeof current !== "object" || current === null) return undefined;
    current = (current as Record<string | number, unknown>)[key];
  }
  return current;
}

export function textAt(value: unknown, ...path: readonly (string | number)[]): string {
  const found = at(value, ...path);
  return typeof found === "string" ? found : "";
}

export function numberAt(value: unknown, ...path: readonly (string | number)[]): number | undefined {
  const found = at(value, ...path);
  return typeof found === "number" ? found : undefined;
}

export function listAt(value: unknown, ...path: readonly (string | number)[]): readonly unknown[] {
  const found = at(value, ...path);
  return Array.isArray(found) ? found : [];
}

export function recordAt(value: unknown, ...path: readonly (string | number)[]): Properties {
  const found = at(value, ...path);
  return isRecord(found) ? found : {};
}

/** One of a list of conditions in `status`, by its type. */
export function condition(object: unknown, type: string): unknown {
  return listAt(object, "status", "conditions").find((item) => textAt(item, "type") === type);
}

export function isTrue(object: unknown, type: string): boolean {
  return textAt(condition(object, type), "status") === "True";
}

/** Annotations of Pulumi's that say how to treat an object. */
export function annotation(object: Properties, name: string): string {
  return textAt(object, "metadata", "annotations", `pulumi.com/${name}`);
}

/** Reads plain properties as an object of the API. */
export function objectOf(properties: Properties): KubernetesObject {
  const { apiVersion, kind, metadata } = properties;
  if (typeof apiVersion !== "string" || typeof kind !== "string")
    throw new Error("the resource needs an apiVersion and a kind");
  return { ...properties, apiVersion, kind, metadata: isRecord(metadata) ? metadata : {} };
}

/** The resource's id in Pulumi, as `import` takes it. */
export function idOf({ metadata }: KubernetesObject): string {
  return metadata.namespace ? `${metadata.namespace}/${metadata.name}` : `${metadata.name}`;
}

export function identityOf(id: string): { namespace?: string; name: string } {
  const at = id.indexOf("/");
  return at < 0 ? { name: id } : { namespace: id.slice(0, at), name: id.slice(at + 1) };
}

/** What a URN says: `kubernetes:apps/v1:Deployment` and the name that the program gives. */
export function describeUrn(urn: string): { apiVersion: string; kind: string; name: string } {
  const [, , types = "", ...name] = urn.split("::");
  const [, module = "", kind = ""] = types.split("$").at(-1)?.split(":") ?? [];
  return { apiVersion: module.replace(/^core\//, ""), kind, name: name.join("::") };
}

/** `DeploymentPatch` and its like own some fields of an object that somebody else made. */
export function isPatch(urn: string, { kind }: KubernetesObject): boolean {
  const type = describeUrn(urn).kind;
  return type.endsWith("Patch") && !kind.endsWith("Patch");
}

/** Whether two versions of a kind are of the same API group. */
export function groupOf(apiVersion: string): string {
  return apiVersion.includes("/") ? apiVersion.slice(0, apiVersion.indexOf("/")) : "";
}
