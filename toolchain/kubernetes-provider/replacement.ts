import type { Path } from "./diff.ts";
import { groupOf, type KubernetesObject } from "./objects.ts";

/** What a provider's configuration makes changeable in place. */
export interface Mutability {
  configMaps: boolean;
  secrets: boolean;
}

const container = [
  "args",
  "command",
  "env",
  "image",
  "imagePullPolicy",
  "lifecycle",
  "livenessProbe",
  "ports",
  "readinessProbe",
  "resources",
  "securityContext",
  "stdin",
  "stdinOnce",
  "terminationMessagePath",
  "terminationMessagePolicy",
  "tty",
  "volumeDevices",
  "volumeMounts",
  "workingDir",
];

const pod = [
  "affinity",
  "automountServiceAccountToken",
  "dnsConfig",
  "dnsPolicy",
  "enableServiceLinks",
  "hostAliases",
  "hostIPC",
  "hostNetwork",
  "hostPID",
  "hostname",
  "imagePullSecrets",
  "nodeName",
  "nodeSelector",
  "overhead",
  "preemptionPolicy",
  "priority",
  "priorityClassName",
  "readinessGates",
  "restartPolicy",
  "runtimeClassName",
  "schedulerName",
  "securityContext",
  "serviceAccount",
  "serviceAccountName",
  "shareProcessNamespace",
  "subdomain",
  "terminationGracePeriodSeconds",
  "volumes",
];

const volumeSources = [
  "awsElasticBlockStore",
  "azureDisk",
  "azureFile",
  "cephfs",
  "cinder",
  "csi",
  "fc",
  "flexVolume",
  "flocker",
  "gcePersistentDisk",
  "glusterfs",
  "hostPath",
  "iscsi",
  "local",
  "nfs",
  "photonPersistentDisk",
  "portworxVolume",
  "quobyte",
  "rbd",
  "scaleIO",
  "storageos",
  "vsphereVolume",
];

/** What the API can't change in an object that is there, by group and kind: the official provider's list. */
const immutable: Record<string, readonly string[]> = {
  "apps/DaemonSet": ["spec.selector"],
  "apps/Deployment": ["spec.selector"],
  "apps/StatefulSet": [
    "spec.podManagementPolicy",
    "spec.revisionHistoryLimit",
    "spec.selector",
    "spec.serviceName",
    "spec.volumeClaimTemplates",
  ],
  "batch/Job": ["spec.completions", "spec.parallelism", "spec.selector", "spec.template"],
  "rbac.authorization.k8s.io/ClusterRoleBinding": ["roleRef"],
  "rbac.authorization.k8s.io/RoleBinding": ["roleRef"],
  "storage.k8s.io/StorageClass": ["parameters", "provisioner"],
  "/PersistentVolume": volumeSources.map((source) => `spec.${source}`),
  "/PersistentVolumeClaim": ["spec.accessModes", "spec.selector", "spec.storageClassName", "spec.volumeName"],
  "/Pod": [
    ...pod.map((field) => `spec.${field}`),
    ...["containers", "initContainers"].flatMap((list) =>
      container.map((field) => `spec.${list}.*.${field}`),
    ),
  ],
  "/ResourceQuota": ["spec.scopes"],
  "/Service": ["spec.clusterIP"],
};

const identity = ["metadata.name", "metadata.namespace"];

/** The paths whose change makes another object of it. */
export function replacedPaths(object: KubernetesObject, mutable: Mutability): readonly string[] {
  const kind = `${groupOf(object.apiVersion)}/${object.kind}`;
  const locked = object.immutable === true;
  if (kind === "/Secret")
    return [...identity, "type", ...(mutable.secrets && !locked ? [] : ["data", "stringData"])];
  if (kind === "/ConfigMap")
    return mutable.configMaps && !locked ? identity : [...identity, "data", "binaryData"];
  return [...identity, ...(immutable[kind] ?? [])];
}

/** Whether a change at a path is one of them, or of something in one of them. */
export function isReplaced(path: Path, paths: readonly string[]): boolean {
  return paths.some((pattern) =>
    pattern.split(".").every((part, index) => part === "*" || part === String(path[index])),
  );
}
