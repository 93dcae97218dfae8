import { z } from "zod";

/** One thing that was checked. */
const smokeCheckSchema = z.object({
  /** What was looked at: `gateway edge`, `server memory`, `consumer researcher`. */
  subject: z.string(),
  /** What should hold, in words for people. */
  check: z.string(),
  passed: z.boolean(),
  /** What was seen, or why it failed. Never a token or a secret. */
  detail: z.string(),
  /** How long the check took, in milliseconds; absent where it was never begun. */
  milliseconds: z.number().nonnegative().optional(),
});

/**
 * A smoke test's report as it is stored (JSON) and read again. Unknown fields are dropped, so that an older
 * reader understands a newer report.
 */
export const smokeReportSchema = z.object({
  /** Every check passed, and there was at least one. */
  passed: z.boolean(),
  /** ISO 8601, UTC. */
  startedAt: z.iso.datetime(),
  /** ISO 8601, UTC. */
  finishedAt: z.iso.datetime(),
  /** The MCP endpoint, without credentials and query. */
  endpoint: z.string(),
  checks: z.array(smokeCheckSchema),
});

/** One thing that was checked, and what came of it. */
export type SmokeCheck = z.output<typeof smokeCheckSchema>;

/** What a smoke test found out. */
export type SmokeReport = z.output<typeof smokeReportSchema>;
