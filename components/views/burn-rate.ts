import type { GatewayModel } from "../model/gateway.ts";
import { type Alert, type Scope, seriesOf } from "./prometheus.ts";

/**
 * The windows of the Google SRE Workbook, chapter 5, table 5-8, for a budget of 30 days: the long window says
 * that the fault matters, the short one that it still lasts.
 */
const windows = [
  { long: "1h", hours: 1, short: "5m", burn: 14.4, severity: "page" },
  { long: "6h", hours: 6, short: "30m", burn: 6, severity: "page" },
  { long: "3d", hours: 72, short: "6h", burn: 1, severity: "ticket" },
] as const;

const budgetHours = 30 * 24;

/** Selects what the objective counts as an error. A result with isError is an error to the agent that waits for it, and so is a call that was not sent for its server's sake. */
export const failed = 'outcome=~"tool_error|protocol_error|timeout|unavailable|rejected"';
/** What counts for the objective at all: not what a caller may not have, nor what it gave up itself. */
const answered = 'outcome!~"denied|limited|unpinned|unauthorized|cancelled"';

/** With a wide budget a burn rate may ask for more than all calls; a total outage must alert all the same. */
const highestThreshold = 0.95;

/** Without the noise of binary fractions: 14.4 * (1 - 0.999) is 0.0144. */
const rounded = (value: number, digits = 6) => Number(value.toPrecision(digits));

const ratioName = (window: string) => `mcp:tool_call_errors:ratio_rate${window}`;

/** The share of failed calls by server over a window; recorded once, read by several alerts. */
function recording(gateway: GatewayModel, scope: Scope, window: string) {
  const series = seriesOf(gateway, scope);
  const rate = (outcome: string) =>
    `sum by (job, server) (rate(${series("mcp_gateway_tool_calls_total", {}, outcome)}[${window}]))`;
  return {
    record: ratioName(window),
    expr: `${rate(failed)} / ${rate(answered)}`,
    ...(Object.keys(scope).length > 0 && { labels: { ...scope } }),
  };
}

/** The recording rules that {@link burnRateAlerts} read. */
export function burnRateRecordings(gateway: GatewayModel, scope: Scope): Record<string, unknown>[] {
  const used = gateway.objectives ? ["5m", "30m", "1h", "6h", "3d"] : ["5m"];
  return used.map((window) => recording(gateway, scope, window));
}

/** What is left by server of the errors that the objective allows in 30 days, from 1 down to 0 and below. */
export function budgetLeft(
  gateway: GatewayModel,
  scope: Scope,
  availability: number,
  ...matchers: string[]
): string {
  const series = seriesOf(gateway, scope);
  const count = (outcome: string) =>
    `sum by (server) (increase(${series("mcp_gateway_tool_calls_total", {}, outcome, ...matchers)}[30d]))`;
  // A server without a failed call has no series of failed calls.
  const share = `(${count(failed)} or 0 * ${count(answered)}) / ${count(answered)}`;
  return `1 - ${share} / ${rounded(1 - availability)}`;
}

const action =
  'Run "npx mcp-infra logs {{ $labels.server }}", and look which outcome grows in mcp_gateway_tool_calls_total.';

/**
 * Alerts on errors against the availability objective, for each server: the gateway's share of errors is an
 * average of theirs, so no fault hides that a gateway-wide alert would see. Without an objective, half of the
 * calls failing is a fault by anybody's standard.
 */
export function burnRateAlerts(gateway: GatewayModel, scope: Scope): Alert[] {
  const shareOf = (window: string) => seriesOf(gateway, scope)(ratioName(window));
  const { objectives } = gateway;
  if (!objectives)
    return [
      {
        alert: "McpErrorRateHigh",
        expr: `${shareOf("5m")} > 0.5`,
        severity: "page",
        summary: "Most tool calls of server {{ $labels.server }} fail",
        description: "{{ $value | humanizePercentage }} of the last 5 minutes' tool calls failed.",
        action,
      },
    ];
  const budget = 1 - objectives.availability;
  return windows.map(({ long, hours, short, burn, severity }) => {
    const threshold = rounded(Math.min(burn * budget, highestThreshold));
    const spent = rounded(((threshold / budget) * hours * 100) / budgetHours, 2);
    return {
      alert: `McpErrorBudgetBurn${long}`,
      expr: `${shareOf(long)} > ${threshold} and ${shareOf(short)} > ${threshold}`,
      severity,
      summary: "Tool calls of server {{ $labels.server }} fail too often for the objective",
      description: `{{ $value | humanizePercentage }} of the tool calls of the last ${long} failed. The objective is ${rounded(objectives.availability * 100)} % without error: ${spent} % of what it allows in 30 days, or more, went in ${long}.`,
      action,
    };
  });
}
