import { isDeepStrictEqual } from "node:util";
import type { Effect } from "./effect.ts";
import type { Part } from "./effects.ts";
import { scaled } from "./process-effects.ts";

interface DeploymentInputs {
  spec?: { replicas?: number; strategy?: { type?: string }; template?: unknown };
}

/** What becomes of a workload in a cluster. */
export function workloadEffect({ step, subject, server, standbys }: Part): Effect | undefined {
  if (step.op === "create") return { subject, impact: "none", text: "starts" };
  if (step.op === "delete")
    return {
      subject,
      impact: server?.storage ? "lasting" : "interruption",
      text: server?.storage ? "ends, and its volume with its data goes" : "ends",
    };
  const { spec: was = {} } = (step.before ?? {}) as DeploymentInputs;
  const { spec: is = {} } = (step.after ?? {}) as DeploymentInputs;
  if (isDeepStrictEqual(was.template, is.template)) {
    if (was.replicas === undefined || is.replicas === undefined || was.replicas === is.replicas)
      return undefined;
    return { subject, impact: "none", text: scaled(was.replicas, is.replicas) };
  }
  const sessions = server?.http?.sessions || server?.stdio ? "; its sessions end" : "";
  if (is.strategy?.type !== "Recreate" && step.op === "update")
    return {
      subject,
      impact: "none",
      text: `is replaced pod by pod: each new one answers before an old one ends${sessions}`,
    };
  const meanwhile = standbys.length > 0 ? `calls go to ${standbys.join(", ")}` : "calls wait or fail";
  return {
    subject,
    impact: "interruption",
    text: `is stopped before its successor starts, since two can't share its data: ${meanwhile} meanwhile${sessions}`,
  };
}
