import { Counter, Gauge, Histogram, Registry } from "prom-client";
import { NOT_SENT, type Outcome } from "./audit.ts";
import type { GatewayConfig } from "./config.ts";
import { processMetrics } from "./metrics/process.ts";
import { SmokeMetrics } from "./metrics/smoke-report.ts";
import { OTHER } from "./metrics/tool-names.ts";

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
  "resources/subscribe",
  "resources/unsubscribe",
  "notifications/progress",
  "notifications/roots/list_changed",
  "completion/complete",
  "logging/setLevel",
]);

/** The name of a method that MCP has, else {@link OTHER}. */
export function knownMethod(method: string): string {
  return METHODS.has(method) ? method : OTHER;
}

/** Why a request was turned away. */
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

const REJECTIONS = ["breaker_open", "queue_full", "queue_timeout"] as const;
/** Why a request was not sent. */
export type RejectionReason = (typeof REJECTIONS)[number];

const NOTHING = { servers: [], failover: [] };

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
    buckets: [0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60],
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

  readonly #queued = new Histogram({
    name: "mcp_gateway_queue_seconds",
    help: "Time that requests waited for their turn, of those that had to wait, because their server's bound of calls was reached",
    labelNames: ["server"],
    buckets: [0.005, 0.025, 0.1, 0.25, 0.5, 1, 2.5, 5],
    registers: [this.registry],
  });
  readonly #smoke = new SmokeMetrics(this.registry);

  /** A counter that appears with its first event hides that event from `increase()`: where it can, each begins at 0. */
  constructor({ servers, failover }: Pick<GatewayConfig, "servers" | "failover"> = NOTHING) {
    for (const reason of REFUSALS) this.#authFailures.inc({ reason }, 0);
    for (const { name: server } of servers) {
      this.#retries.inc({ server }, 0);
      for (const reason of REJECTIONS) this.#rejected.inc({ server, reason }, 0);
    }
    for (const { primary, standby } of failover) {
      for (const member of standby) this.#failovers.inc({ server: primary, member }, 0);
    }
    processMetrics(this.registry);
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
  rejected(server: string, reason: RejectionReason): void {
    this.#rejected.inc({ server, reason });
  }

  /** Notes how long a request waited for its turn. */
  queued(server: string, seconds: number): void {
    this.#queued.observe({ server }, seconds);
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

  /** All metrics as text, with the verdict in the smoke test's report, where there is one. */
  async text(smokeReport?: string, onDamage: () => void = () => {}): Promise<string> {
    // Before the collection, since prom-client collects all metrics at the same time.
    await this.#smoke.read(smokeReport, onDamage);
    return this.registry.metrics();
  }
}
