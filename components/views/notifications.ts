import type { AlertingModel } from "../model/integration.ts";

type Notify = NonNullable<AlertingModel["notify"]>;

/** One way to tell somebody. */
export type Told = keyof Notify;

/** The property of an alerting that refers to the credential of who is told. */
export const credentialProperties: Record<Told, string> = {
  slack: "notify.slack.url",
  pagerDuty: "notify.pagerDuty.routingKey",
  webhook: "notify.webhook.url",
};

/** How alerts of one severity are told. */
export interface Tier {
  name: "page" | "ticket";
  told: readonly Told[];
  /** What PagerDuty calls its severity. */
  urgency: "critical" | "warning";
  /** How long the first notification waits for others of its kind. */
  wait: string;
  /** How long until what joined a group later is told. */
  interval: string;
  /** How long until it is told again. */
  repeat: string;
}

/**
 * Who is told of what: pages at once and everywhere; tickets in their own time, and to PagerDuty, which wakes people
 * up, only where nobody else is told.
 */
export function tiers(notify: Notify): { page: Tier; ticket: Tier } {
  const all = (["slack", "pagerDuty", "webhook"] as const).filter((told) => notify[told] !== undefined);
  const quiet = all.filter((told) => told !== "pagerDuty");
  return {
    page: {
      name: "page",
      told: all,
      urgency: "critical",
      wait: "10s",
      interval: "1m",
      repeat: "1h",
    },
    ticket: {
      name: "ticket",
      told: quiet.length > 0 ? quiet : all,
      urgency: "warning",
      wait: "1m",
      interval: "10m",
      repeat: "24h",
    },
  };
}

/** What is told: in Go's templates, the same wherever Alertmanager runs. */
export const messages = {
  /** Five lost servers are one notification; a lost server and a slow one are two. */
  groupBy: ["gateway", "alertname"],
  title: "{{ .Status | title }}: {{ .GroupLabels.alertname }} of gateway {{ .GroupLabels.gateway }}",
  text: "{{ range .Alerts }}{{ .Annotations.summary }}\n{{ .Annotations.description }}\n{{ .Annotations.action }}\n{{ end }}",
} as const;
