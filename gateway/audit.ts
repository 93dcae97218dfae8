import type { Logger } from "./logging.ts";

/** How a call ended; also a label of the metrics. */
export type Outcome =
  | "ok"
  /** The tool ran and says that it failed (`isError`). */
  | "tool_error"
  /** The server answered with a JSON-RPC error. */
  | "protocol_error"
  | "timeout"
  | "unavailable"
  | "denied"
  /** Not sent: the breaker is open, or too many calls are under way already. */
  | "rejected"
  /** Not sent: the caller, or all callers together, have had their calls for now. */
  | "limited"
  /** Not sent: the tool's definition is not the pinned one. */
  | "unpinned"
  /** Not sent, or refused: the caller has no credential that the server takes. */
  | "unauthorized"
  /** The caller went away before there was an answer. */
  | "cancelled";

/** How calls ended that never got to a server. */
export const NOT_SENT: ReadonlySet<Outcome> = new Set([
  "denied",
  "rejected",
  "limited",
  "unpinned",
  "unauthorized",
]);

/** One `tools/call`, `prompts/get` or `resources/read`, without anything that was said in it. */
export interface AuditRecord {
  consumer: string;
  method: string;
  /** The server it went to; absent when it was denied and names none that is configured. */
  server?: string;
  /** The tool or prompt, by the server's own name; for resources the grant that covers the URI. */
  target: string;
  outcome: Outcome;
  durationMs: number;
  /** The gateway's own id of the HTTP request, also in the answer's `x-request-id`. */
  requestId: string;
  /** The trace that it is in, when it is in one. */
  traceId?: string;
}

/** For audit lines: they have fields of ours alone, and to look for what is to be redacted takes longer than the rest. */
export function auditLogger(logger: Logger): Logger {
  return logger.child({}, { redact: [] });
}

/** Writes one audit line. */
export function audit(logger: Logger, record: AuditRecord): void {
  const { target, ...rest } = record;
  const field =
    record.method === "tools/call" ? "tool" : record.method === "prompts/get" ? "prompt" : "resource";
  logger.info(
    {
      audit: true,
      ...rest,
      [field]: printable(target),
      durationMs: Math.round(record.durationMs * 1000) / 1000,
    },
    "call",
  );
}

/** A name from outside, fit for a log: short, and without what could forge or break a line. */
export function printable(name: string): string {
  const safe = name.replace(/[^\w.:/@*{}-]/g, "?");
  return safe.length > 200 ? `${safe.slice(0, 200)}…` : safe;
}
