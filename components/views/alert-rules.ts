import type { GatewayModel } from "../model/gateway.ts";
import { alertingSchema, type IntegrationModel } from "../model/integration.ts";
import type { ServerModel } from "../model/server.ts";
import { burnRateAlerts, burnRateRecordings } from "./burn-rate.ts";
import { firstSteps } from "./first-steps.ts";
import {
  type Alert,
  prometheusDuration,
  type RuleGroup,
  type Scope,
  type Series,
  seriesOf,
} from "./prometheus.ts";
import { resilienceAlerts } from "./resilience-alerts.ts";

/** How long a condition holds before its alert fires, where no alerting is declared: the schema's default. */
const defaultAfter = alertingSchema.shape.after.parse(undefined);

/** One gateway with what its alerts are made from. */
interface Watched {
  gateway: GatewayModel;
  series: Series;
  steps: ReturnType<typeof firstSteps>;
}

/** That of two replicas one does not answer is not the end: as long as one does, the gateway is up. */
function gatewayDown({ gateway: { name }, series, steps }: Watched): Alert {
  const up = series("up");
  return {
    alert: "McpGatewayDown",
    expr: `max by (job) (${up}) == 0 or absent(${up})`,
    severity: "page",
    summary: `Gateway ${name} is down`,
    description: `Prometheus cannot scrape gateway ${name}, or does not know it: no consumer reaches any server.`,
    action: steps.gateway(name),
  };
}

/**
 * A gateway's own health stays green when a backend is lost, so each declared backend is asked for by name. One whose
 * failover group goes on without it wakes nobody up.
 */
function backendDown(
  { gateway, series, steps }: Watched,
  { name: server, remote, offered }: ServerModel,
): Alert {
  const isCovered = gateway.failover.some(({ primary, standby }) => [primary, ...standby].includes(server));
  const backend = series("mcp_gateway_backend_up", { server });
  const healthyGateway = `max by (job) (${series("up")}) == 1`;
  return {
    alert: "McpBackendDown",
    expr: `(min by (job, server) (${backend}) == 0 or absent(${backend})) and on (job) ${healthyGateway}`,
    severity: isCovered ? "ticket" : "page",
    summary: `Server ${server}${offered ? ` of stack ${offered.stack}` : ""} is lost behind gateway ${gateway.name}`,
    description: `Gateway ${gateway.name} is up, but does not reach server ${server} or does not report on it.`,
    action: remote
      ? `Run "npx mcp-infra logs ${gateway.name}" for the answer of the remote server; check its URL and its credential.`
      : offered
        ? `Tell the owner of stack ${offered.stack}, which runs it as ${offered.name}. There: ${firstSteps(offered.target, offered).server(offered.name)}`
        : steps.server(server),
  };
}

function slow({ series }: Watched, p95: number): Alert {
  const buckets = series("mcp_gateway_tool_call_duration_seconds_bucket");
  return {
    alert: "McpLatencyHigh",
    expr: `histogram_quantile(0.95, sum by (job, server, le) (rate(${buckets}[5m]))) > ${p95 / 1_000}`,
    severity: "ticket",
    summary: "Server {{ $labels.server }} is slower than its objective",
    description: `Of the last 5 minutes' tool calls, 5 % took longer than {{ $value | humanizeDuration }}; the objective is ${prometheusDuration(p95)}.`,
    action:
      'Run "npx mcp-infra logs {{ $labels.server }}", and look which of its tools got slow in mcp_gateway_tool_call_duration_seconds.',
  };
}

function authenticationFailures({ gateway: { name }, series }: Watched): Alert {
  const failures = series("mcp_gateway_auth_failures_total");
  return {
    alert: "McpAuthenticationFailures",
    // A handful in five minutes is somebody with an old token; more is a rotation gone wrong, or guessing.
    expr: `sum by (job, reason) (increase(${failures}[5m])) > 5`,
    severity: "ticket",
    summary: `Gateway ${name} turns callers away ({{ $labels.reason }})`,
    description: `{{ $value | humanize }} requests were turned away in 5 minutes, reason: {{ $labels.reason }}.`,
    action: `Run "npx mcp-infra logs ${name}" to see who calls; "npx mcp-infra token <consumer>" prints the token a consumer should have.`,
  };
}

function smokeTestFailing({ gateway: { name }, series }: Watched): Alert {
  return {
    alert: "McpSmokeTestFailing",
    expr: `min by (job) (${series("mcp_smoke_test_passed")}) == 0`,
    severity: "page",
    summary: `The smoke test of gateway ${name} fails`,
    description: "The last smoke test failed: a call that a consumer lives on does not work.",
    action:
      'Run "npx mcp-infra smoke", which names the failing call, then "npx mcp-infra logs <server>" of its server.',
  };
}

/** Only where a smoke test is declared; without one its absence is no fault. */
function smokeTestMissing({ gateway: { name }, series }: Watched): Alert {
  const gatewayUp = `max by (job) (${series("up")}) == 1`;
  return {
    alert: "McpSmokeTestMissing",
    expr: `absent(${series("mcp_smoke_test_timestamp_seconds")}) and on (job) ${gatewayUp}`,
    severity: "ticket",
    summary: `The smoke test of gateway ${name} has left no result`,
    description: `A smoke test is declared, but gateway ${name} knows of no run: nothing proves that it works.`,
    action: 'Run "npx mcp-infra smoke", or "pulumi up", which runs it.',
  };
}

function alertsOf(model: IntegrationModel, gateway: GatewayModel, scope: Scope): Alert[] {
  const watched = { gateway, series: seriesOf(gateway, scope), steps: firstSteps(model.target, scope) };
  return [
    gatewayDown(watched),
    ...model.servers.map((server) => backendDown(watched, server)),
    ...burnRateAlerts(gateway, scope),
    ...(gateway.objectives ? [slow(watched, gateway.objectives.p95)] : []),
    ...resilienceAlerts(gateway, watched.series),
    authenticationFailures(watched),
    smokeTestFailing(watched),
    ...(model.smokeTest ? [smokeTestMissing(watched)] : []),
  ];
}

/**
 * Prometheus alerting rules for an integration: the gateway down, a single backend lost behind a
 * healthy gateway, errors and latency against the objectives, failures that the gateway makes up for, failing
 * authentication, a red smoke test.
 * Without a gateway there is nothing to scrape and no rule.
 */
export function alertRules(model: IntegrationModel, scope: Scope = {}): RuleGroup[] {
  const { gateway } = model;
  if (!gateway) return [];
  const alerts = alertsOf(model, gateway, scope).map(asRule(model, scope));
  return [{ name: `mcp-infra ${gateway.name}`, rules: [...burnRateRecordings(gateway, scope), ...alerts] }];
}

/** An alert as a rule: with the integration's delay, and the labels that all of its alerts share. */
export function asRule(model: IntegrationModel, scope: Scope = {}) {
  const delay = prometheusDuration(model.alerting?.after ?? defaultAfter);
  return ({ alert, expr, severity, ...annotations }: Alert) => ({
    alert,
    expr,
    for: delay,
    // The scope too: aggregated away in some expressions, but what Alertmanager routes by.
    labels: { severity, gateway: model.gateway?.name ?? model.name, ...scope },
    annotations,
  });
}
