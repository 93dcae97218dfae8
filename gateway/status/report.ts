import type { GatewayConfig } from "../config.ts";
import type { GroupHealth, Health, HealthReport } from "../health.ts";
import type { Metrics } from "../metrics.ts";
import { CLIENT_INFO } from "../protocol/codec.ts";
import type { Activity, RecentError, ToolActivity } from "./activity.ts";

/** One server on the status page. Counts are since the gateway's start. */
export interface ServerStatus {
  name: string;
  status: "up" | "down";
  reason?: string;
  tools?: number;
  /** State of its circuit breaker while that is not closed. */
  breaker?: "trying" | "open";
  callsPerSecond: number;
  /** Of the last minutes' calls, those that went wrong. */
  errors: number;
  inFlight: number;
  retries: number;
  rejected: number;
  /** Tools that are hidden, because they are not what was agreed on. */
  unpinned: number;
}

/** What the status page shows; also `GET /status.json`. */
export interface StatusReport {
  gateway: string;
  version: string;
  status: HealthReport["status"] | "draining";
  uptimeSeconds: number;
  callsPerSecond: number;
  /** Share of the last minute's calls that went wrong. */
  errorShare: number;
  /** Calls in each of the last seconds, oldest first, and those of them that went wrong. */
  perSecond: { all: number[]; failed: number[] };
  servers: ServerStatus[];
  groups: Record<string, GroupHealth>;
  slowestTools: ToolActivity[];
  recentErrors: RecentError[];
  /** Requests that were turned away, by reason. */
  turnedAway: Record<string, number>;
  /** Calls beyond a rate limit, by consumer. */
  limited: Record<string, number>;
}

/** Where a status report comes from. */
export interface StatusParts {
  config: Pick<GatewayConfig, "name" | "servers">;
  health: Pick<Health, "report">;
  metrics: Metrics;
  activity: Activity;
}

/** How many tools and errors people look through. */
const MOST = { tools: 12, errors: 20 } as const;

/** Puts together what is known, from memory alone. */
export async function statusReport(parts: StatusParts, { draining = false } = {}): Promise<StatusReport> {
  const { config, health, metrics, activity } = parts;
  const { status, servers, groups } = await health.report();
  const [inFlight, retries, rejected, unpinned, turnedAway, limited] = await Promise.all([
    sums(metrics, "mcp_gateway_calls_in_flight", "server"),
    sums(metrics, "mcp_gateway_retries_total", "server"),
    sums(metrics, "mcp_gateway_rejected_total", "server"),
    sums(metrics, "mcp_gateway_unpinned_tools", "server"),
    sums(metrics, "mcp_gateway_auth_failures_total", "reason"),
    sums(metrics, "mcp_gateway_limited_total", "consumer"),
  ]);
  const perSecond = activity.perSecond();
  const calls = lastMinute(perSecond.all);
  return {
    gateway: config.name,
    version: CLIENT_INFO.version,
    status: draining ? "draining" : status,
    uptimeSeconds: Math.floor(process.uptime()),
    callsPerSecond: calls / 60,
    errorShare: calls === 0 ? 0 : lastMinute(perSecond.failed) / calls,
    perSecond,
    servers: config.servers.map(({ name }) => {
      const { status = "down", reason, tools, breaker } = servers[name] ?? {};
      const { all, failed } = activity.perSecond(name);
      return {
        name,
        status,
        reason,
        tools,
        breaker,
        callsPerSecond: lastMinute(all) / 60,
        errors: failed.reduce((sum, each) => sum + each, 0),
        inFlight: inFlight[name] ?? 0,
        retries: retries[name] ?? 0,
        rejected: rejected[name] ?? 0,
        unpinned: unpinned[name] ?? 0,
      };
    }),
    groups: groups ?? {},
    slowestTools: activity.slowest(MOST.tools),
    recentErrors: activity.errors(MOST.errors),
    turnedAway,
    limited,
  };
}

function lastMinute(perSecond: readonly number[]): number {
  return perSecond.slice(-60).reduce((sum, each) => sum + each, 0);
}

/** A metric's values, added up by one of its labels. */
async function sums(metrics: Metrics, name: string, label: string): Promise<Record<string, number>> {
  const found: Record<string, number> = {};
  for (const { labels, value } of await metrics.values(name)) {
    const key = String(labels[label]);
    found[key] = (found[key] ?? 0) + value;
  }
  return found;
}
