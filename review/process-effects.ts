import { isDeepStrictEqual } from "node:util";
import { amount } from "../components/views/words.ts";
import type { Effect } from "./effect.ts";
import type { Part } from "./effects.ts";

/** What becomes of a process of this machine. */
export function processEffect({ step, subject, server, standbys }: Part): Effect {
  if (step.op === "create") return { subject, impact: "none", text: "starts" };
  if (step.op === "delete")
    return {
      subject,
      impact: step.before?.storage ? "lasting" : "interruption",
      text: step.before?.storage ? "ends, and its data is deleted" : "ends",
    };
  if (isDeepStrictEqual(declared(step.before), declared(step.after)))
    return { subject, impact: "none", text: "was found down, and is started again" };
  if (!server)
    return {
      subject,
      impact: "none",
      text: "is replaced by a successor that shares its socket: no call is lost, and streams that are open connect again",
    };
  return {
    subject,
    impact: "interruption",
    text: restart(server.storage, server.resilience.retry, standbys),
  };
}

/** The inputs without what the provider found of the process. */
function declared({ status: _status, ...inputs }: Record<string, unknown> = {}): Record<string, unknown> {
  return inputs;
}

/** One process of a server at a time: the new one starts when the old one has ended. */
function restart(storage: boolean, retry: unknown, standbys: readonly string[]): string {
  const meanwhile =
    standbys.length > 0
      ? `calls go to ${standbys.join(", ")} meanwhile`
      : retry === false
        ? "calls fail meanwhile"
        : "calls that may be repeated are tried again, others fail meanwhile";
  return [
    "restarts, within seconds",
    meanwhile,
    "its sessions end",
    ...(storage ? ["its data stays"] : []),
  ].join("; ");
}

/** How many replicas more or fewer, in words. */
export function scaled(before: number, after: number): string {
  const difference = Math.abs(after - before);
  return `${after > before ? "gets" : "gives up"} ${amount(difference, "replica")}; the others go on`;
}
