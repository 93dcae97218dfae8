import type { Outcome } from "../../gateway/audit.ts";
import type { Metrics, Refusal, RejectionReason } from "../../gateway/metrics.ts";

// By the types, so that a new one can't be forgotten here.
const OUTCOMES: Record<Outcome, string> = {
  ok: "",
  tool_error: "the tool says that it failed",
  protocol_error: "the server answered with a JSON-RPC error",
  timeout: "no answer in time",
  unavailable: "the server was not reached, or broke off",
  cancelled: "the caller went away before there was an answer",
  denied: "not sent: not granted",
  rejected: "not sent: the breaker is open, or too many calls are under way",
  limited: "not sent: beyond a rate limit",
  unpinned: "not sent: the tool is not what was agreed on",
  unauthorized: "the caller has no credential that the server takes",
};
const REFUSALS: Record<Refusal, string> = {
  missing_token: "",
  malformed_header: "",
  unknown_token: "",
  expired_token: "",
  wrong_audience: "",
  issuer_unavailable: "its keys can't be had",
  host_or_origin: "a foreign Host or Origin",
  not_granted: "",
};
const REJECTIONS: Record<RejectionReason, string> = {
  breaker_open: "",
  queue_full: "",
  queue_timeout: "no turn in time",
};

function listed(meanings: Record<string, string>): string {
  const each = Object.entries(meanings).map(
    ([value, meaning]) => `\`${value}\`${meaning && ` (${meaning})`}`,
  );
  return `${each.join(", ")}.`;
}

/** What each label may be; a metric with another label has no page. */
const LABELS: Record<string, string> = {
  consumer: "A declared consumer; empty for requests of nobody known; `anyone` without authentication.",
  server: "A declared server, or the primary of a failover group; `other` when none was named.",
  member: "The member of the group that served.",
  tool: "A tool that its server lists, at most 1,000 of a server; else `other`.",
  method: "A method of MCP; else `other`.",
  status: "The HTTP status.",
  outcome: listed(OUTCOMES),
  reason: `Of a request that was turned away: ${listed(REFUSALS)} Of one that was rejected: ${listed(REJECTIONS)}`,
};

/** What prom-client knows of a metric, and its types don't. */
interface Described {
  name: string;
  help: string;
  labelNames: string[];
}

/** The page that lists the gateway's metrics, from the metrics themselves. */
export async function metricsPage({ registry }: Metrics): Promise<string> {
  const metrics = (await registry.getMetricsAsJSON())
    .map(({ name }) => registry.getSingleMetric(name) as unknown as Described)
    .map((metric) => ({
      name: metric.name,
      help: metric.help,
      labels: metric.labelNames.filter((label) => label !== "le"),
      type: metric.constructor.name.toLowerCase(),
    }))
    .sort((a, b) => (a.name < b.name ? -1 : 1));
  const used = [...new Set(metrics.flatMap(({ labels }) => labels))].sort();
  const meaningOf = (label: string) => {
    const meaning = LABELS[label];
    if (meaning === undefined) throw new Error(`metrics-page.ts does not say what the label ${label} may be`);
    return meaning;
  };
  return [
    "# Metrics of the gateway",
    "",
    "`GET /metrics`, for Prometheus. No label takes a value that callers or servers choose freely, so the number of series is",
    "bounded by what is declared. Written from the metrics themselves by `test/gateway/metrics.test.ts`.",
    "",
    "| Metric | Type | Labels | What it tells |",
    "| --- | --- | --- | --- |",
    ...metrics.map(
      ({ name, type, labels, help }) =>
        `| \`${name}\` | ${type} | ${labels.map((each) => `\`${each}\``).join(", ")} | ${help} |`,
    ),
    "",
    "| Label | Values |",
    "| --- | --- |",
    ...used.map((label) => `| \`${label}\` | ${meaningOf(label)} |`),
    "",
  ].join("\n");
}
