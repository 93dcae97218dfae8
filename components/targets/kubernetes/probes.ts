import type * as k8s from "@pulumi/kubernetes";

/** Where the kubelet asks, and how long a start may take. */
export interface ProbeRequest {
  port: number;
  paths: { startup: string; readiness: string; liveness: string };
  /** Longest time until a start answers, in milliseconds. */
  startTimeoutMs: number;
  /** Longest time that a call may take, in milliseconds: a server that does one thing at a time is silent meanwhile. */
  callMs?: number;
}

type Probes = Pick<k8s.types.input.core.v1.Container, "startupProbe" | "readinessProbe" | "livenessProbe">;

const startupPeriod = 2;
const livenessPeriod = 10;
/** A minute. */
const leastSilences = 6;

/**
 * The three probes. They are HTTP to the kubelet, whose question is answered by asking the server in MCP: an open port
 * proves nothing, and a GET marks servers down that only take POST.
 */
export function probes({ port, paths, startTimeoutMs, callMs = 0 }: ProbeRequest): Probes {
  const ask = (path: string) => ({ httpGet: { path, port }, timeoutSeconds: 5 });
  return {
    startupProbe: {
      ...ask(paths.startup),
      periodSeconds: startupPeriod,
      // The first question comes at once.
      failureThreshold: 1 + Math.ceil(startTimeoutMs / 1_000 / startupPeriod),
    },
    readinessProbe: { ...ask(paths.readiness), periodSeconds: 5, failureThreshold: 2 },
    // Only a restart's worth of silence: what is merely slow, or busy with a call, must not be killed for it.
    livenessProbe: {
      ...ask(paths.liveness),
      periodSeconds: livenessPeriod,
      failureThreshold: Math.max(leastSilences, 1 + Math.ceil(callMs / 1_000 / livenessPeriod)),
    },
  };
}
