import type * as pulumi from "@pulumi/pulumi";
import type { Declaration } from "../../declaration.ts";

/** A kind of Kubernetes resource, as the SDK has it. */
type Kind<Args, Resource> = new (
  name: string,
  args: Args,
  options?: pulumi.CustomResourceOptions,
) => Resource;

/** Makes a Kubernetes resource once the declaration holds. */
export type Make = <Args extends object, Resource extends pulumi.CustomResource>(
  kind: Kind<Args, Resource>,
  name: string,
  args: Args,
  options: pulumi.CustomResourceOptions,
) => Resource;

/** The gate of a declaration in front of the SDK's constructors. */
export function maker(declaration: Declaration): Make {
  return (kind, name, args, options) => {
    // Gated properties are promises of what they were, which the SDK takes in their place.
    const gated = declaration.gate(args as Record<string, unknown>) as typeof args;
    return new kind(name, gated, options);
  };
}
