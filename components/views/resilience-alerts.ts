import type { GatewayModel } from "../model/gateway.ts";
import type { Alert, Series } from "./prometheus.ts";

/** Where calls are rejected, and where they are sent again, more often than this, somebody should look. */
const mostRejected = 0.05;
const mostRetried = 0.1;

/**
 * Alerts on failures that callers may not notice yet, because the gateway makes up for them: they are for working hours.
 * What callers do notice is the burn rate's business.
 */
export function resilienceAlerts(gateway: GatewayModel, series: Series): Alert[] {
  return [
    breakerOpen(series),
    rejections(series),
    retryStorm(series),
    ...gateway.failover.flatMap((group) => [groupLost(gateway, group, series), standbyServes(group, series)]),
    ...(gateway.catalogue ? [unpinnedTools(series)] : []),
  ];
}

type Group = GatewayModel["failover"][number];

/** Such a server answers the question for its tools, so that it is not down for the gateway's health. */
function breakerOpen(series: Series): Alert {
  return {
    alert: "McpBreakerOpen",
    expr: `max by (job, server) (${series("mcp_gateway_breaker_state")}) > 0`,
    severity: "ticket",
    summary: "Calls to server {{ $labels.server }} fail, so none are sent",
    description:
      "The circuit breaker of server {{ $labels.server }} does not close: its calls failed one after the other, and those that try it do, too.",
    action: 'Run "npx mcp-infra logs {{ $labels.server }}"; the gateway\'s /status says what it answers.',
  };
}

function rejections(series: Series): Alert {
  const calls = (...matchers: string[]) =>
    `sum by (job, server) (rate(${series("mcp_gateway_tool_calls_total", {}, ...matchers)}[5m]))`;
  return {
    alert: "McpCallsRejected",
    expr: `${calls('outcome="rejected"')} / ${calls()} > ${mostRejected}`,
    severity: "ticket",
    summary: "Server {{ $labels.server }} has more calls than it gets at once",
    description:
      "{{ $value | humanizePercentage }} of the last 5 minutes' tool calls were not sent: the breaker was open, or the bound of calls at once was reached and none ended in time.",
    action:
      "Look at the reason in mcp_gateway_rejected_total: queue_full and queue_timeout ask for more replicas or a higher resilience.concurrency; breaker_open for the server's log.",
  };
}

/** Retries hide failures from callers, and add to the load of a server that may have too much. */
function retryStorm(series: Series): Alert {
  const retries = `sum by (job, server) (rate(${series("mcp_gateway_retries_total")}[5m]))`;
  const calls = `sum by (job, server) (rate(${series("mcp_gateway_tool_calls_total")}[5m]))`;
  return {
    alert: "McpRetryStorm",
    // A retry now and then is what retries are for: below three in a minute nothing is wrong.
    expr: `${retries} / ${calls} > ${mostRetried} and ${retries} > 0.05`,
    severity: "ticket",
    summary: "Calls to server {{ $labels.server }} are sent again too often",
    description:
      "In the last 5 minutes there were {{ $value | humanizePercentage }} as many retries as tool calls.",
    action:
      'Run "npx mcp-infra logs {{ $labels.server }}", and look in mcp_gateway_tool_calls_total whether it is timeout or unavailable.',
  };
}

/** One member that is lost is what the others are for; the loss of all is the loss of the server that callers know. */
function groupLost({ name }: GatewayModel, { primary, standby }: Group, series: Series): Alert {
  const members = [primary, ...standby];
  const up = series("mcp_gateway_backend_up", {}, `server=~"${members.join("|")}"`);
  return {
    alert: "McpFailoverGroupDown",
    expr: `max by (job) (min by (job, server) (${up})) == 0`,
    severity: "page",
    summary: `All members of failover group ${primary} are lost behind gateway ${name}`,
    description: `Gateway ${name} reaches none of ${members.join(", ")}: calls to ${primary} fail.`,
    action: `Run "npx mcp-infra logs" of each: ${members.join(", ")}.`,
  };
}

function standbyServes({ primary, mode }: Group, series: Series): Alert {
  const failovers = series("mcp_gateway_failovers_total", { server: primary });
  return {
    alert: "McpFailoverActive",
    expr: `sum by (job, server) (increase(${failovers}[2m])) > 0`,
    severity: "ticket",
    summary: `Calls to ${primary} are served by another member of its group`,
    description: `For some minutes calls have been served by another member of failover group ${primary} than the one that was to.`,
    action: `Run "npx mcp-infra logs ${primary}"; ${mode === "standby" ? "the primary serves again by itself when it works" : "the calls are shared again when all work"}.`,
  };
}

function unpinnedTools(series: Series): Alert {
  return {
    alert: "McpToolsUnpinned",
    expr: `max by (job, server) (${series("mcp_gateway_unpinned_tools")}) > 0`,
    severity: "ticket",
    summary: "Server {{ $labels.server }} has changed tools that were agreed on",
    description:
      "{{ $value }} tools of server {{ $labels.server }} are hidden and refused: their definitions are not the pinned ones.",
    action:
      "See what has changed in the preview; pin the new definitions when they are right, or go back to the server's former version.",
  };
}
