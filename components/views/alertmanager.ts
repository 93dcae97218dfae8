import { stringify } from "yaml";
import type { IntegrationModel } from "../model/integration.ts";
import { messages, type Tier, type Told, tiers } from "./notifications.ts";

/** Where Alertmanager of the same machine listens, unless it is told otherwise. */
export const alertmanagerAddress = "127.0.0.1:9093";

/**
 * An `alertmanager.yml` that tells whom the declaration names; credentials are in files, by receiver. `undefined` where
 * nobody is told. Needs Alertmanager 0.26 for webhooks, whose URL older ones take as text only.
 */
export function alertmanagerFile(
  model: IntegrationModel,
  credentialFiles: Record<string, string>,
): string | undefined {
  const notify = model.alerting?.notify;
  if (!notify) return undefined;
  const { page, ticket } = tiers(notify);
  const timing = ({ wait, interval, repeat }: Tier) => ({
    group_by: messages.groupBy,
    group_wait: wait,
    group_interval: interval,
    repeat_interval: repeat,
  });
  const receiver = ({ name, told, urgency }: Tier) => ({
    name,
    ...receiverOf(told, { credentialFiles, channel: notify.slack?.channel, urgency }),
  });
  return stringify(
    {
      route: {
        receiver: ticket.name,
        ...timing(ticket),
        routes: [{ receiver: page.name, matchers: ['severity="page"'], ...timing(page) }],
      },
      receivers: [receiver(page), receiver(ticket)],
    },
    { lineWidth: 0, aliasDuplicateObjects: false },
  );
}

function receiverOf(
  told: readonly Told[],
  {
    credentialFiles,
    channel,
    urgency,
  }: { credentialFiles: Record<string, string>; channel: string | undefined; urgency: string },
) {
  const { title, text } = messages;
  return {
    ...(told.includes("slack") && {
      slack_configs: [{ api_url_file: credentialFiles.slack, channel, send_resolved: true, title, text }],
    }),
    ...(told.includes("pagerDuty") && {
      pagerduty_configs: [
        {
          routing_key_file: credentialFiles.pagerDuty,
          send_resolved: true,
          severity: urgency,
          description: title,
        },
      ],
    }),
    ...(told.includes("webhook") && {
      webhook_configs: [{ url_file: credentialFiles.webhook, send_resolved: true }],
    }),
  };
}
