import type * as pulumi from "@pulumi/pulumi";
import type { Declaration } from "../../declaration.ts";

/** A kind of Kubernetes resource, as the SDK has it. */
type Kind<Args, Resource> = new (
  name: string,
  args: Args,
  options?: pulumi.CustomResourceOptions,
) => Resource;

/** A kind as Kubernetes names it. */
export interface KindName {
  apiVersion: string;
  kind: string;
}

/** Makes a Kubernetes resource once the declaration holds. */
export type Make = <Args extends object, Resource extends pulumi.CustomResource>(
  kind: Kind<Args, Resource>,
  name: string,
  args: Args,
  options: pulumi.CustomResourceOptions,
) => Resource;

/** The gate of a declaration in front of the SDK's constructors; `onKind` hears of every kind that is made. */
export function maker(declaration: Declaration, onKind: (kind: KindName) => void): Make {
  const taken = new Set<string>();
  return (kind, name, args, options) => {
    const made = kindOf(kind, args);
    onKind(made);
    const { name: object } = (args as { metadata?: { name?: string } }).metadata ?? {};
    const key = `${made.kind} ${object}`;
    // The cluster would take the second for a change of the first.
    if (object !== undefined && taken.has(key))
      declaration.fault(
        key,
        "would be made twice: two parts of the declaration come to the same name",
        "Give one of the servers or gateways on this target another name.",
      );
    taken.add(key);
    // Gated properties are promises of what they were, which the SDK takes in their place.
    const gated = declaration.gate(args as Record<string, unknown>) as typeof args;
    return new kind(name, { ...gated, ...customKind(args) }, options);
  };
}

/** What a custom resource says of itself in its arguments: its type to the engine, and so not to be gated. */
function customKind(args: object): KindName | undefined {
  const { apiVersion, kind } = args as Partial<KindName>;
  return apiVersion && kind ? { apiVersion, kind } : undefined;
}

/** A custom resource says in its arguments what it is; the SDK's own classes say it themselves. */
function kindOf(type: unknown, args: object): KindName {
  const custom = customKind(args);
  if (custom) return custom;
  const [, group = "", name = ""] = (type as { __pulumiType?: string }).__pulumiType?.split(":") ?? [];
  return { apiVersion: group.replace(/^core\//, ""), kind: name };
}
