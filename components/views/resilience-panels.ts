import type { GatewayModel } from "../model/gateway.ts";
import type { Panel } from "./dashboard-panels.ts";
import type { Series } from "./prometheus.ts";

/** The servers that are chosen at the top of the dashboard. */
export const chosen = 'server=~"$server"';

/** How failures are met: what callers notice of them is in other panels. */
export function resiliencePanels(gateway: GatewayModel, series: Series): Panel[] {
  const rate = (metric: string, by: string) =>
    `sum by (${by}) (rate(${series(metric, {}, chosen)}[$__rate_interval]))`;
  return [
    {
      kind: "stat",
      title: "Circuit breakers",
      description:
        "A server whose calls failed one after the other gets none until one that tries it succeeds.",
      unit: "none",
      queries: [
        {
          expr: `max by (server) (${series("mcp_gateway_breaker_state", {}, chosen)})`,
          legend: "{{server}}",
        },
      ],
      width: 12,
      limit: { at: 1, bad: "above" },
      words: { 0: "closed", 1: "tries", 2: "open" },
    },
    {
      kind: "stat",
      title: "Changed tools",
      description: "Tools that are hidden and refused, because they are not what was agreed on.",
      unit: "none",
      queries: [
        {
          expr: `max by (server) (${series("mcp_gateway_unpinned_tools", {}, chosen)})`,
          legend: "{{server}}",
        },
      ],
      width: 12,
      limit: { at: 1, bad: "above" },
    },
    {
      kind: "timeseries",
      title: "Retries",
      description: "Requests that were sent again after a failure; callers see but the last attempt.",
      unit: "reqps",
      queries: [{ expr: rate("mcp_gateway_retries_total", "server"), legend: "{{server}}" }],
      width: 8,
    },
    {
      kind: "timeseries",
      title: "Rejected",
      description:
        "Requests that were not sent: breaker_open, or queue_full and queue_timeout where the bound of calls at once was reached.",
      unit: "reqps",
      queries: [
        { expr: rate("mcp_gateway_rejected_total", "server, reason"), legend: "{{server}} {{reason}}" },
      ],
      width: 8,
    },
    {
      kind: "timeseries",
      title: "Beyond a rate limit",
      description: "Tool calls that were not made, because their consumer, or all together, had had theirs.",
      unit: "reqps",
      queries: [{ expr: rate("mcp_gateway_limited_total", "consumer"), legend: "{{consumer}}" }],
      width: 8,
    },
    {
      kind: "timeseries",
      title: "Calls under way",
      description: "Requests that are with the server; at its bound of calls at once, others wait.",
      unit: "short",
      queries: [
        {
          expr: `sum by (server) (${series("mcp_gateway_calls_in_flight", {}, chosen)})`,
          legend: "{{server}}",
        },
      ],
      width: 12,
    },
    {
      kind: "timeseries",
      title: "Wait for their turn, p95",
      description: "Of the requests that had to wait, the time within which 95 of 100 got their turn.",
      unit: "s",
      queries: [
        {
          expr: `histogram_quantile(0.95, ${rate("mcp_gateway_queue_seconds_bucket", "server, le")})`,
          legend: "{{server}}",
        },
      ],
      width: 12,
    },
    ...(gateway.failover.length > 0
      ? [failovers(rate("mcp_gateway_failovers_total", "server, member"))]
      : []),
  ];
}

function failovers(expr: string): Panel {
  return {
    kind: "timeseries",
    title: "Failovers",
    description: "Requests that another member of the group served than the one that was to.",
    unit: "reqps",
    queries: [{ expr, legend: "{{server}} by {{member}}" }],
    width: 24,
  };
}

/** What the gateway itself takes. */
export function processPanels(series: Series): Panel[] {
  const perInstance = (metric: string) => `sum by (instance) (rate(${series(metric)}[$__rate_interval]))`;
  return [
    {
      kind: "timeseries",
      title: "Memory of the gateway",
      description: "By instance. It should be flat under a steady load.",
      unit: "bytes",
      queries: [
        { expr: `sum by (instance) (${series("process_resident_memory_bytes")})`, legend: "{{instance}}" },
      ],
      width: 12,
    },
    {
      kind: "timeseries",
      title: "How busy the gateway is",
      description:
        "Share of the time in which an instance's event loop had something to do, and processors that it used. Near 1 of the loop, calls wait for each other: add replicas.",
      unit: "percentunit",
      queries: [
        { expr: perInstance("mcp_gateway_event_loop_busy_seconds_total"), legend: "{{instance}} event loop" },
        { expr: perInstance("process_cpu_seconds_total"), legend: "{{instance}} processors" },
      ],
      width: 12,
    },
  ];
}
