import { readFile } from "node:fs/promises";
import { Counter, Gauge, Histogram, Registry } from "prom-client";
import { z } from "zod";
import type { Outcome } from "./audit.ts";

/** Label for whatever a caller made up: labels never take a value that a caller controls. */
export const OTHER = "other";

const METHODS = new Set([
  "initialize",
  "notifications/initialized",
  "notifications/cancelled",
  "ping",
  "server/discover",
  "subscriptions/listen",
  "tools/list",
  "tools/call",
  "prompts/list",
  "prompts/get",
  "resources/list",
  "resources/templates/list",
  "resources/read",
  "completion/complete",
  "logging/setLevel",
]);

/** The name of a method that MCP has, else {@link OTHER}. */
export function knownMethod(method: string): string {
  return METHODS.has(method) ? method : OTHER;
}

const smokeReportSchema = z.object({ passed: z.boolean(), finishedAt: z.iso.datetime({ offset: true }) });

/** Calls that never got to a server. */
const NOT_SENT: ReadonlySet<Outcome> = new Set(["denied", "rejected", "limited", "unpinned"]);

/**
 * Why a request was turned away. Each is there from the start, at 0: a counter that appears with its first event hides that
 * event from `increase()`.
 */
const REFUSALS = [
  "missing_token",
  "malformed_header",
  "unknown_token",
  "expired_token",
  "wrong_audience",
  "issuer_unavailable",
  "host_or_origin",
  "not_granted",
] as const;
export type Refusal = (typeof REFUSALS)[number];

/** The gateway's metrics, in a registry of their own. */
export class Metrics {
  readonly registry = new Registry();
  readonly #requests = new Counter({
    name: "mcp_gateway_requests_total",
    help: "Requests to the MCP endpoint that were answered, by consumer, MCP method and HTTP status",
    labelNames: ["consumer", "method", "status"],
    registers: [this.registry],
  });
  readonly #toolCalls = new Counter({
    name: "mcp_gateway_tool_calls_total",
    help: "Tool calls by how they ended",
    labelNames: ["server", "tool", "consumer", "outcome"],
    registers: [this.registry],
  });
  readonly #duration = new Histogram({
    name: "mcp_gateway_tool_call_duration_seconds",
    help: "Time of tool calls that reached their server, as the gateway sees it",
    labelNames: ["server", "tool"],
    buckets: [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60],
    registers: [this.registry],
  });
  readonly #up = new Gauge({
    name: "mcp_gateway_backend_up",
    help: "1 when the server answered the last question in MCP, else 0",
    labelNames: ["server"],
    registers: [this.registry],
  });
  readonly #authFailures = new Counter({
    name: "mcp_gateway_auth_failures_total",
    help: "Requests turned away: no token, a wrong one, a foreign Host or Origin, something not granted",
    labelNames: ["reason"],
    registers: [this.registry],
  });
  readonly #smokePassed = new Gauge({
    name: "mcp_smoke_test_passed",
    help: "1 when the last smoke test passed, 0 when it failed; absent when none has run",
    registers: [this.registry],
  });
  readonly #smokeTime = new Gauge({
    name: "mcp_smoke_test_timestamp_seconds",
    help: "When the last smoke test finished, in seconds since 1970",
    registers: [this.registry],
  });

  readonly #retries = new Counter({
    name: "mcp_gateway_retries_total",
    help: "Requests that were sent again after a failure",
    labelNames: ["server"],
    registers: [this.registry],
  });
  readonly #rejected = new Counter({
    name: "mcp_gateway_rejected_total",
    help: "Requests that were not sent, because their server's breaker was open or its bound of calls was reached",
    labelNames: ["server", "reason"],
    registers: [this.registry],
  });
  readonly #failovers = new Counter({
    name: "mcp_gateway_failovers_total",
    help: "Requests that another member of the failover group served than the one that was to",
    labelNames: ["server", "member"],
    registers: [this.registry],
  });
  readonly #breaker = new Gauge({
    name: "mcp_gateway_breaker_state",
    help: "Circuit breaker of a server: 0 closed, 1 trying, 2 open",
    labelNames: ["server"],
    registers: [this.registry],
  });
  readonly #inFlight = new Gauge({
    name: "mcp_gateway_calls_in_flight",
    help: "Requests that are with a server now",
    labelNames: ["server"],
    registers: [this.registry],
  });
  readonly #limited = new Counter({
    name: "mcp_gateway_limited_total",
    help: "Tool calls beyond a rate limit",
    labelNames: ["consumer", "server", "tool"],
    registers: [this.registry],
  });
  readonly #unpinned = new Gauge({
    name: "mcp_gateway_unpinned_tools",
    help: "Tools of a server that are hidden, because their definition is not the pinned one",
    labelNames: ["server"],
    registers: [this.registry],
  });

  constructor() {
    for (const reason of REFUSALS) this.#authFailures.inc({ reason }, 0);
  }

  /** Counts an answered request. */
  request(consumer: string, method: string, status: number): void {
    this.#requests.inc({ consumer, method: knownMethod(method), status });
  }

  /** Counts a tool call; its time counts unless it never got to a server. `server` and `tool` must be bounded names. */
  toolCall(call: {
    server: string;
    tool: string;
    consumer: string;
    outcome: Outcome;
    seconds: number;
  }): void {
    const { server, tool, consumer, outcome, seconds } = call;
    this.#toolCalls.inc({ server, tool, consumer, outcome });
    if (!NOT_SENT.has(outcome)) this.#duration.observe({ server, tool }, seconds);
  }

  /** Notes whether a backend works. */
  backend(server: string, up: boolean): void {
    this.#up.set({ server }, up ? 1 : 0);
  }

  /** Counts a request that is sent again. */
  retry(server: string): void {
    this.#retries.inc({ server });
  }

  /** Counts a request that was not sent. */
  rejected(server: string, reason: "breaker_open" | "queue_full" | "queue_timeout"): void {
    this.#rejected.inc({ server, reason });
  }

  /** Counts a request that another member of a failover group served. */
  failover(server: string, member: string): void {
    this.#failovers.inc({ server, member });
  }

  /** Notes the state of a server's breaker. */
  breaker(server: string, state: "closed" | "trying" | "open"): void {
    this.#breaker.set({ server }, { closed: 0, trying: 1, open: 2 }[state]);
  }

  /** Notes how many requests are with a server. */
  inFlight(server: string, change: 1 | -1): void {
    this.#inFlight.inc({ server }, change);
  }

  /** Counts a call beyond a limit. `server` and `tool` must be bounded names. */
  limited(consumer: string, server: string, tool: string): void {
    this.#limited.inc({ consumer, server, tool });
  }

  /** Notes how many of a server's tools are hidden by the pinned catalogue. */
  unpinned(server: string, tools: number): void {
    this.#unpinned.set({ server }, tools);
  }

  /** The values of a metric, with their labels. */
  async values(name: string): Promise<{ labels: Partial<Record<string, string | number>>; value: number }[]> {
    return (await this.registry.getSingleMetric(name)?.get())?.values ?? [];
  }

  /** Counts a request that was turned away. */
  authFailure(reason: Refusal): void {
    this.#authFailures.inc({ reason });
  }

  /**
   * All metrics as text. When a smoke report is given it is read anew: a missing one means that no test has run yet;
   * a damaged one gives no metric, so that an alert on its absence can fire, and is reported.
   */
  async text(smokeReport?: string, onDamage: () => void = () => {}): Promise<string> {
    // Before the collection, since prom-client collects all metrics at the same time.
    const report = smokeReport === undefined ? undefined : await readReport(smokeReport, onDamage);
    this.#smokePassed.remove();
    this.#smokeTime.remove();
    if (report) {
      this.#smokePassed.set(report.passed ? 1 : 0);
      this.#smokeTime.set(Date.parse(report.finishedAt) / 1000);
    }
    return this.registry.metrics();
  }
}

async function readReport(file: string, onDamage: () => void) {
  let text: string;
  try {
    text = await readFile(file, "utf8");
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "ENOENT") onDamage();
    return undefined;
  }
  try {
    return smokeReportSchema.parse(JSON.parse(text));
  } catch {
    onDamage();
    return undefined;
  }
}
