import type { Cluster } from "./cluster.ts";
import { NoMatch, Unreachable } from "./faults.ts";
import { groupOf, type KubernetesObject } from "./objects.ts";

/** What the API server has no namespaces for, for when it can't be asked. */
const clusterScoped = [
  "/Namespace",
  "/Node",
  "/PersistentVolume",
  "admissionregistration.k8s.io/MutatingWebhookConfiguration",
  "admissionregistration.k8s.io/ValidatingAdmissionPolicy",
  "admissionregistration.k8s.io/ValidatingAdmissionPolicyBinding",
  "admissionregistration.k8s.io/ValidatingWebhookConfiguration",
  "apiextensions.k8s.io/CustomResourceDefinition",
  "apiregistration.k8s.io/APIService",
  "networking.k8s.io/IngressClass",
  "node.k8s.io/RuntimeClass",
  "rbac.authorization.k8s.io/ClusterRole",
  "rbac.authorization.k8s.io/ClusterRoleBinding",
  "scheduling.k8s.io/PriorityClass",
  "storage.k8s.io/CSIDriver",
  "storage.k8s.io/StorageClass",
];

/** The namespace of an object that names none; undefined where it has none. */
export async function namespaceFor(
  cluster: Cluster,
  object: KubernetesObject,
  old: KubernetesObject | undefined,
): Promise<string | undefined> {
  // The inputs of before say it, and so a resource that is there costs no request.
  if (old !== undefined && old.kind === object.kind && old.metadata.namespace === undefined) return undefined;
  if (old === undefined && !(await isNamespaced(cluster, object))) return undefined;
  return cluster.namespace().catch(() => undefined);
}

/** A kind that is not there yet is taken for namespaced, as most are. */
async function isNamespaced(cluster: Cluster, { apiVersion, kind }: KubernetesObject): Promise<boolean> {
  if (clusterScoped.includes(`${groupOf(apiVersion)}/${kind}`)) return false;
  try {
    await cluster.reach();
    return (await cluster.kind(apiVersion, kind)).namespaced;
  } catch (error) {
    if (error instanceof NoMatch || error instanceof Unreachable) return true;
    throw error;
  }
}
