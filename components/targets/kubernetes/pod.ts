import type * as k8s from "@pulumi/kubernetes";
import { labels, type Role, selectorLabels } from "./labels.ts";
import { literal, type PlainContainer } from "./literal.ts";

type PodTemplate = k8s.types.input.core.v1.PodTemplateSpec;
type Volume = k8s.types.input.core.v1.Volume;

/** What a workload needs besides its own containers. */
export interface PodRequest {
  role: Role;
  name: string;
  containers: PlainContainer[];
  /** Run before the containers; with `restartPolicy: Always` beside them, as sidecars. */
  initContainers?: PlainContainer[];
  volumes?: Volume[];
  /** Longest time that calls under way get when a pod ends, in milliseconds. */
  drainMs: number;
  annotations?: Record<string, string>;
}

/** The user that images without one of their own mostly call `nonroot`. */
const nonRoot = 65_532;

/**
 * How long a pod that ends goes on serving as if nothing were, in seconds: until every node has heard that no new
 * connection should go there.
 */
export const lameDuckSeconds = 10;

/** How long a pod may take to end, in seconds: a little more than its calls get. */
export function graceSeconds(drainMs: number): number {
  return lameDuckSeconds + Math.ceil(drainMs / 1_000) + 5;
}

/** What every container is held to: Pod Security Standards, profile `restricted`, and no writing to its own image. */
const restricted: k8s.types.input.core.v1.SecurityContext = {
  allowPrivilegeEscalation: false,
  capabilities: { drop: ["ALL"] },
  readOnlyRootFilesystem: true,
};

/**
 * A pod by Pod Security Standards, profile `restricted`: no root, no privilege, a read-only image with `/tmp` to write
 * to, no token for the cluster's API. It spreads over zones and nodes, and ends without losing a call.
 */
export function podTemplate(request: PodRequest): PodTemplate {
  const { role, name, drainMs } = request;
  const spread = { matchLabels: selectorLabels(role, name) };
  return {
    metadata: {
      labels: labels(role, name),
      // The log of this container is the one to show: `kubectl logs` without a name takes it.
      annotations: { "kubectl.kubernetes.io/default-container": name, ...request.annotations },
    },
    spec: {
      automountServiceAccountToken: false,
      enableServiceLinks: false,
      securityContext: {
        runAsNonRoot: true,
        runAsUser: nonRoot,
        runAsGroup: nonRoot,
        fsGroup: nonRoot,
        fsGroupChangePolicy: "OnRootMismatch",
        seccompProfile: { type: "RuntimeDefault" },
      },
      terminationGracePeriodSeconds: graceSeconds(drainMs),
      topologySpreadConstraints: ["topology.kubernetes.io/zone", "kubernetes.io/hostname"].map(
        (topologyKey) => ({
          topologyKey,
          maxSkew: 1,
          // A cluster that has lost a zone still runs what it can.
          whenUnsatisfiable: "ScheduleAnyway",
          labelSelector: spread,
          matchLabelKeys: ["pod-template-hash"],
        }),
      ),
      ...(request.initContainers && { initContainers: request.initContainers.map(held) }),
      containers: request.containers.map(held),
      volumes: [{ name: "tmp", emptyDir: {} }, ...(request.volumes ?? [])],
    },
  };
}

function held(container: PlainContainer): k8s.types.input.core.v1.Container {
  const mounts = container.volumeMounts;
  return {
    imagePullPolicy: "IfNotPresent",
    ...literal(container),
    securityContext: restricted,
    volumeMounts: [{ name: "tmp", mountPath: "/tmp" }, ...(Array.isArray(mounts) ? mounts : [])],
  };
}

/** A container's claim: memory is promised and is the limit; processor is promised, and more may be used. */
export function claims({ cpu, memory }: { cpu: string; memory: string }) {
  return { requests: { cpu, memory }, limits: { memory } };
}

/** Goes on serving while the cluster forgets the pod's address. */
export const lameDuck = { preStop: { sleep: { seconds: lameDuckSeconds } } };
