import type { IntegrationModel } from "../../../model/integration.ts";
import { messages, type Told, tiers } from "../../../views/notifications.ts";
import type { KubernetesSettings } from "../args.ts";
import { labels } from "../labels.ts";
import type { Manifest } from "../manifest.ts";
import type { SecretKey } from "../secrets.ts";

/**
 * Who is told of an integration's alerts, as a part of the cluster's Alertmanager configuration. Prometheus Operator
 * lets it see the alerts of its own namespace alone, by the label that every rule gives its alerts. Pure.
 */
export function alertmanagerConfig(
  name: string,
  model: IntegrationModel,
  credentials: Record<string, SecretKey>,
  { namespace, monitoring }: Pick<KubernetesSettings, "namespace" | "monitoring">,
): Manifest | undefined {
  const notify = model.alerting?.notify;
  if (!notify) return undefined;
  const gateway = model.gateway?.name ?? model.name;
  const { page, ticket } = tiers(notify);
  const equal = (label: string, value: string) => [{ name: label, value, matchType: "=" }];
  const receiver = ({ name: tier, told, urgency }: typeof page) => ({
    name: tier,
    ...receiverOf(told, { credentials, channel: notify.slack?.channel, urgency }),
  });
  return {
    apiVersion: "monitoring.coreos.com/v1alpha1",
    kind: "AlertmanagerConfig",
    metadata: { name, namespace, labels: { ...labels("gateway", gateway), ...monitoring.labels } },
    spec: {
      route: {
        receiver: ticket.name,
        matchers: equal("gateway", gateway),
        groupBy: [...messages.groupBy],
        groupWait: ticket.wait,
        groupInterval: ticket.interval,
        repeatInterval: ticket.repeat,
        routes: [
          {
            receiver: page.name,
            matchers: equal("severity", "page"),
            groupBy: [...messages.groupBy],
            groupWait: page.wait,
            groupInterval: page.interval,
            repeatInterval: page.repeat,
          },
        ],
      },
      receivers: [receiver(page), receiver(ticket)],
    },
  };
}

function receiverOf(
  told: readonly Told[],
  {
    credentials,
    channel,
    urgency,
  }: { credentials: Record<string, SecretKey>; channel: string | undefined; urgency: string },
) {
  const { title, text } = messages;
  return {
    ...(told.includes("slack") && {
      slackConfigs: [{ apiURL: credentials.slack, channel, sendResolved: true, title, text }],
    }),
    ...(told.includes("pagerDuty") && {
      pagerdutyConfigs: [
        { routingKey: credentials.pagerDuty, sendResolved: true, severity: urgency, description: title },
      ],
    }),
    ...(told.includes("webhook") && {
      webhookConfigs: [{ urlSecret: credentials.webhook, sendResolved: true }],
    }),
  };
}
