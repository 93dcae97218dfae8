import type { GatewayModel } from "../model/gateway.ts";
import { alertingSchema, type IntegrationModel } from "../model/integration.ts";
import type { ServerModel } from "../model/server.ts";
import { burnRateAlerts, burnRateRecordings } from "./burn-rate.ts";
import { type Alert, prometheusDuration, type RuleGroup, selector } from "./prometheus.ts";

/** How long a condition holds before its alert fires, where no alerting is declared: the schema's default. */
const defaultAfter = alertingSchema.shape.after.parse(undefined);

function gatewayDown({ name }: GatewayModel): Alert {
  const up = selector("up", { job: name });
  return {
    alert: "McpGatewayDown",
    expr: `max by (job) (${up}) == 0 or absent(${up})`,
    severity: "page",
    summary: `Gateway ${name} is down`,
    description: `Prometheus cannot scrape gateway ${name}, or does not know it: no consumer reaches any server.`,
    action: `Run "npx mcp-infra logs ${name}"; "pulumi up" starts a gateway whose process has died.`,
  };
}

/** A gateway's own health stays green when a backend is lost, so each declared backend is asked for by name. */
function backendDown(gateway: GatewayModel, { name: server, remote }: ServerModel): Alert {
  const backend = selector("mcp_gateway_backend_up", { job: gateway.name, server });
  const healthyGateway = `max by (job) (${selector("up", { job: gateway.name })}) == 1`;
  return {
    alert: "McpBackendDown",
    expr: `(min by (job, server) (${backend}) == 0 or absent(${backend})) and on (job) ${healthyGateway}`,
    severity: "page",
    summary: `Server ${server} is lost behind gateway ${gateway.name}`,
    description: `Gateway ${gateway.name} is up, but does not reach server ${server} or does not report on it.`,
    action: remote
      ? `Run "npx mcp-infra logs ${gateway.name}" for the answer of the remote server; check its URL and its credential.`
      : `Run "npx mcp-infra logs ${server}"; "pulumi up" starts a server whose process has died.`,
  };
}

function slow({ name }: GatewayModel, p95: number): Alert {
  const buckets = selector("mcp_gateway_tool_call_duration_seconds_bucket", { job: name });
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

function authenticationFailures({ name }: GatewayModel): Alert {
  const failures = selector("mcp_gateway_auth_failures_total", { job: name });
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

function smokeTestFailing({ name }: GatewayModel): Alert {
  return {
    alert: "McpSmokeTestFailing",
    expr: `min by (job) (${selector("mcp_smoke_test_passed", { job: name })}) == 0`,
    severity: "page",
    summary: `The smoke test of gateway ${name} fails`,
    description: "The last smoke test failed: a call that a consumer lives on does not work.",
    action:
      'Run "npx mcp-infra smoke", which names the failing call, then "npx mcp-infra logs <server>" of its server.',
  };
}

/** Only where a smoke test is declared; without one its absence is no fault. */
function smokeTestMissing({ name }: GatewayModel): Alert {
  const gatewayUp = `max by (job) (${selector("up", { job: name })}) == 1`;
  return {
    alert: "McpSmokeTestMissing",
    expr: `absent(${selector("mcp_smoke_test_timestamp_seconds", { job: name })}) and on (job) ${gatewayUp}`,
    severity: "ticket",
    summary: `The smoke test of gateway ${name} has left no result`,
    description: `A smoke test is declared, but gateway ${name} knows of no run: nothing proves that it works.`,
    action: 'Run "npx mcp-infra smoke", or "pulumi up", which runs it.',
  };
}

function alertsOf(model: IntegrationModel, gateway: GatewayModel): Alert[] {
  return [
    gatewayDown(gateway),
    ...model.servers.map((server) => backendDown(gateway, server)),
    ...burnRateAlerts(gateway),
    ...(gateway.objectives ? [slow(gateway, gateway.objectives.p95)] : []),
    authenticationFailures(gateway),
    smokeTestFailing(gateway),
    ...(model.smokeTest ? [smokeTestMissing(gateway)] : []),
  ];
}

/**
 * Prometheus alerting rules for an integration: the gateway down, a single backend lost behind a
 * healthy gateway, errors and latency against the objectives, failing authentication, a red smoke test.
 * Without a gateway there is nothing to scrape and no rule.
 */
export function alertRules(model: IntegrationModel): RuleGroup[] {
  const { gateway } = model;
  if (!gateway) return [];
  const alerts = alertsOf(model, gateway).map(asRule(model));
  return [{ name: `mcp-infra ${gateway.name}`, rules: [...burnRateRecordings(gateway), ...alerts] }];
}

/** An alert as a rule: with the integration's delay, and the labels that all of its alerts share. */
export function asRule(model: IntegrationModel) {
  const delay = prometheusDuration(model.alerting?.after ?? defaultAfter);
  return ({ alert, expr, severity, ...annotations }: Alert) => ({
    alert,
    expr,
    for: delay,
    labels: { severity, gateway: model.gateway?.name ?? model.name },
    annotations,
  });
}
