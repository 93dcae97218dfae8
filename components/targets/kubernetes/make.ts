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

/** Makes a Kubernetes resource. */
export type Make = <Args extends object, Resource extends pulumi.CustomResource>(
  kind: Kind<Args, Resource>,
  name: string,
  args: Args,
  options: pulumi.CustomResourceOptions,
) => Resource;

/** Makes resources by the SDK's constructors; `onKind` hears of every kind, so that the cluster can be asked for it. */
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
    return new kind(name, args, options);
  };
}

/** A custom resource says in its arguments what it is; the SDK's own classes say it themselves. */
function kindOf(type: unknown, args: object): KindName {
  const { apiVersion, kind } = args as Partial<KindName>;
  if (apiVersion && kind) return { apiVersion, kind };
  const [, group = "", name = ""] = (type as { __pulumiType?: string }).__pulumiType?.split(":") ?? [];
  return { apiVersion: group.replace(/^core\//, ""), kind: name };
}
