import * as k8s from "@pulumi/kubernetes";
import type * as pulumi from "@pulumi/pulumi";
import type { Make } from "../make.ts";

/** A resource of a kind that the SDK has no class of, as it goes to the cluster. */
export interface Manifest {
  apiVersion: string;
  kind: string;
  metadata: {
    name: string;
    namespace: string;
    labels?: Record<string, string>;
    annotations?: Record<string, string>;
  };
  spec: object;
}

/**
 * Makes a resource of a kind that some operator has defined. What it is has to be known at once, for it is the type by
 * which the engine knows the resource; the gate hands on everything as a promise, so it is said again behind it.
 */
export function customResource(
  make: Make,
  name: string,
  manifest: Manifest,
  options: pulumi.CustomResourceOptions,
): k8s.apiextensions.CustomResource {
  const { apiVersion, kind } = manifest;
  class Kind extends k8s.apiextensions.CustomResource {
    constructor(name: string, args: Manifest, options?: pulumi.CustomResourceOptions) {
      super(name, { ...args, apiVersion, kind }, options);
    }
  }
  return make(Kind, name, manifest, options);
}
