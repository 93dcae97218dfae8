import type { KubernetesObject } from "../../../toolchain/kubernetes-provider/objects.ts";

/** An object of the API for a test, `apps/v1/Deployment` in short. */
export function object(type: string, fields: Record<string, unknown> = {}): KubernetesObject {
  const at = type.lastIndexOf("/");
  const { metadata, ...rest } = fields;
  return {
    apiVersion: type.slice(0, at),
    kind: type.slice(at + 1),
    metadata: { name: "thing", namespace: "team", ...(metadata as object) },
    ...rest,
  };
}
