import { createHash } from "node:crypto";
import type { GatewayModel } from "../model/gateway.ts";
import type { IntegrationModel } from "../model/integration.ts";
import { budgetLeft, failed } from "./burn-rate.ts";
import { layOut, type Panel } from "./dashboard-panels.ts";
import { type Scope, type Series, seriesOf } from "./prometheus.ts";
import { chosen, processPanels, resiliencePanels } from "./resilience-panels.ts";

/**
 * A Grafana dashboard of an integration as JSON: the same text for the same model, so that a diff shows what the
 * dashboard's reader will see change. `more` are the panels that a target adds.
 */
export function dashboard(model: IntegrationModel, scope: Scope = {}, more: readonly Panel[] = []): string {
  const { gateway } = model;
  const panels = gateway ? [...panelsOf(gateway, scope), ...more] : [];
  const name = gateway?.name ?? model.name;
  const { namespace } = scope;
  return `${JSON.stringify(
    {
      uid: uidOf(name, namespace),
      title: `MCP gateway ${name}${namespace ? ` (${namespace})` : ""}`,
      tags: ["mcp-infra"],
      timezone: "browser",
      schemaVersion: 39,
      editable: false,
      refresh: "30s",
      time: { from: "now-6h", to: "now" },
      templating: { list: [dataSource, serverChoice(model)] },
      panels: layOut(panels),
    },
    null,
    2,
  )}\n`;
}

/** Grafana takes at most 40 characters, and finds a dashboard again by them: whatever its title becomes. */
function uidOf(gateway: string, namespace = ""): string {
  return `mcp-${createHash("sha256").update(`${namespace}/${gateway}`).digest("hex").slice(0, 16)}`;
}

const dataSource = { name: "datasource", label: "Data source", type: "datasource", query: "prometheus" };

function serverChoice({ servers }: IntegrationModel): object {
  return {
    name: "server",
    label: "Server",
    type: "custom",
    query: servers.map(({ name }) => name).join(","),
    multi: true,
    includeAll: true,
    current: { text: "All", value: "$__all" },
  };
}

function panelsOf(gateway: GatewayModel, scope: Scope): Panel[] {
  const series = seriesOf(gateway, scope);
  return [
    ...verdicts(gateway, scope, series),
    ...traffic(gateway, series),
    ...resiliencePanels(gateway, series),
    ...tools(series),
    ...processPanels(series),
  ];
}

/** Whether it works, in a row of figures. */
function verdicts(gateway: GatewayModel, scope: Scope, series: Series): Panel[] {
  const { objectives } = gateway;
  return [
    {
      kind: "stat",
      title: "Gateway instances up",
      description: "How many instances of the gateway Prometheus reaches.",
      unit: "none",
      queries: [{ expr: `sum(${series("up")})`, legend: "up" }],
      width: 4,
      limit: { at: 1, bad: "below" },
    },
    {
      kind: "stat",
      title: "Servers",
      description:
        "Whether every instance of the gateway reaches the server: the last question in MCP was answered.",
      unit: "none",
      queries: [
        { expr: `min by (server) (${series("mcp_gateway_backend_up", {}, chosen)})`, legend: "{{server}}" },
      ],
      width: 8,
      limit: { at: 1, bad: "below" },
      words: { 0: "lost", 1: "up" },
    },
    {
      kind: "stat",
      title: "Smoke test",
      description: "The verdict of the last smoke test.",
      unit: "none",
      queries: [{ expr: `min(${series("mcp_smoke_test_passed")})`, legend: "last run" }],
      width: 4,
      limit: { at: 1, bad: "below" },
      words: { 0: "failed", 1: "passed" },
    },
    {
      kind: "stat",
      title: "Since the last smoke test",
      description: "How long ago the last smoke test finished: what has changed since is not proved.",
      unit: "s",
      queries: [{ expr: `time() - max(${series("mcp_smoke_test_timestamp_seconds")})`, legend: "last run" }],
      width: 8,
    },
    ...(objectives
      ? [
          {
            kind: "bargauge",
            title: "Error budget left",
            description: `What is left of the errors that the objective of ${objectives.availability} allows in 30 days.`,
            unit: "percentunit",
            queries: [
              { expr: budgetLeft(gateway, scope, objectives.availability, chosen), legend: "{{server}}" },
            ],
            width: 12,
            limit: { at: 0.1, bad: "below" },
            max: 1,
          } satisfies Panel,
        ]
      : []),
    {
      kind: "timeseries",
      title: "Requests turned away",
      description:
        "Requests without a token, with a wrong one, or for something that is not granted, by reason.",
      unit: "reqps",
      queries: [
        {
          expr: `sum by (reason) (rate(${series("mcp_gateway_auth_failures_total")}[$__rate_interval]))`,
          legend: "{{reason}}",
        },
      ],
      width: 12,
    },
  ];
}

/** How much, how well and how fast. */
function traffic({ objectives }: GatewayModel, series: Series): Panel[] {
  const calls = series("mcp_gateway_tool_calls_total", {}, chosen);
  const buckets = series("mcp_gateway_tool_call_duration_seconds_bucket", {}, chosen);
  const limit = objectives && ({ at: objectives.p95 / 1_000, bad: "above" } as const);
  const latency = (share: number, aim?: Panel["limit"]): Panel => ({
    kind: "timeseries",
    title: `Latency p${share * 100}`,
    description: `Time within which ${share * 100} of 100 tool calls end, by server${aim ? "; the line is the objective" : ""}.`,
    unit: "s",
    queries: [
      {
        expr: `histogram_quantile(${share}, sum by (server, le) (rate(${buckets}[$__rate_interval])))`,
        legend: "{{server}}",
      },
    ],
    width: 8,
    ...(aim && { limit: aim }),
  });
  return [
    {
      kind: "timeseries",
      title: "Tool calls by outcome",
      description:
        "tool_error: the tool says that it failed. unavailable: its server was not reached. rejected: not sent, for the server's sake. limited: not sent, beyond a rate limit. unpinned: not sent, the tool is not what was agreed on.",
      unit: "reqps",
      queries: [{ expr: `sum by (outcome) (rate(${calls}[$__rate_interval]))`, legend: "{{outcome}}" }],
      width: 12,
    },
    {
      kind: "timeseries",
      title: "Tool calls by consumer",
      description: "Who calls how much.",
      unit: "reqps",
      queries: [{ expr: `sum by (consumer) (rate(${calls}[$__rate_interval]))`, legend: "{{consumer}}" }],
      width: 12,
    },
    latency(0.5),
    latency(0.95, limit),
    latency(0.99),
  ];
}

/** What the calls are for. */
function tools(series: Series): Panel[] {
  const calls = series("mcp_gateway_tool_calls_total", {}, chosen);
  return [
    {
      kind: "bargauge",
      title: "Most used tools",
      description: "Calls in the time shown.",
      unit: "short",
      queries: [
        {
          expr: `topk(10, sum by (server, tool) (increase(${calls}[$__range])))`,
          legend: "{{server}} {{tool}}",
        },
      ],
      width: 12,
    },
    {
      kind: "bargauge",
      title: "Tools that fail most",
      description: "Calls in the time shown that failed, from the tool's own error to a lost server.",
      unit: "short",
      queries: [
        {
          expr: `topk(10, sum by (server, tool) (increase(${series("mcp_gateway_tool_calls_total", {}, chosen, failed)}[$__range])) > 0)`,
          legend: "{{server}} {{tool}}",
        },
      ],
      width: 12,
    },
  ];
}
