import type { Outcome } from "../audit.ts";
import { type TraceContext, traceIdOf } from "./context.ts";

/** One try to have a request answered by one server. */
export interface Attempt {
  server: string;
  method: string;
  /** The tool or prompt, by the server's own name. */
  target?: string;
}

/** What became of a request. */
export interface Served {
  /** Absent when it was denied and names none that is configured. */
  server?: string;
  /** The tool or prompt, by the server's own name. */
  target: string;
  outcome: Outcome;
}

/** The trace that one request of a caller belongs to. */
export interface Trace {
  /** For the audit log. */
  readonly id: string;
  /** Makes one attempt, which `send` tells the server in this context. */
  attempt<Result>(attempt: Attempt, send: (context: TraceContext) => Promise<Result>): Promise<Result>;
  /** Notes what became of the request. */
  served(served: Served): void;
}

/** A caller's trace that this gateway adds nothing to. */
export function passedOn(context: TraceContext): Trace {
  return { id: traceIdOf(context), attempt: (_attempt, send) => send(context), served: () => {} };
}
