import * as pulumi from "@pulumi/pulumi";
import type { Gateway } from "./gateway.ts";
import { type AlertingModel, alertingSchema, type Duration } from "./model/index.ts";
import { type SecretRef, unknownKey } from "./secrets.ts";
import type { SmokeTest } from "./smoke-test.ts";
import type { SecretsByName } from "./targets/target.ts";
import { credentialProperties, type Told } from "./views/notifications.ts";

/** What an {@link Alerting} component takes. */
export interface AlertingArgs {
  /** The gateway to watch, with the servers behind it. */
  gateway: Gateway;
  /** The smoke test, so that its absence is told of too. Default: none. */
  smokeTest?: SmokeTest;
  /** How long a fault lasts before its alert fires. Default: `"2m"`. */
  after?: Duration;
  /** Who is told of a fault. Default: nobody; the rules are evaluated, and whoever looks sees them. */
  notify?: {
    /** A Slack channel, by an incoming webhook. */
    slack?: { /** Such as `#mcp-alerts`. */ channel: string /** The webhook's URL. */; url: SecretRef };
    /** PagerDuty, by the Events API v2. */
    pagerDuty?: { /** The service's integration key. */ routingKey: SecretRef };
    /** Anything that takes Alertmanager's JSON. */
    webhook?: { url: SecretRef };
  };
}

/**
 * Prometheus alerting rules that follow from the declaration: loss of a backend behind a healthy gateway, errors
 * (results with `isError` count), latency over the objective, authentication failures, a failing smoke test.
 */
export class Alerting extends pulumi.ComponentResource {
  /** Alerting as resolved; absent when its arguments are refused. */
  readonly model: AlertingModel | undefined;
  /** Where the rules are; for the local target, the path of a Prometheus configuration that loads them. */
  readonly location: pulumi.Output<string>;

  constructor(name: string, args: AlertingArgs, options?: pulumi.ComponentResourceOptions) {
    const { gateway, smokeTest, ...described } = args;
    const { target } = gateway;
    const model = target.declaration.read(alertingSchema, `alerting ${name}`, { ...described, name });
    super(
      "mcp-infra:index:Alerting",
      name,
      { model, objectives: gateway.model.gateway?.objectives },
      target.declaration.held(options),
    );
    this.model = model;
    const receivers = model ? receiversOf(args.notify) : {};
    for (const { property, reason } of unknownCredentials(receivers))
      target.declaration.fault(
        `alerting ${name}: ${property}`,
        reason,
        "Add the key to values, generate or external of the Secrets component, or correct the reference.",
      );
    const complete = {
      ...gateway.model,
      ...(model && { alerting: model }),
      ...(smokeTest?.model && { smokeTest: smokeTest.model }),
    };
    this.location =
      model && gateway.model.gateway
        ? target.alerting({ name, model: complete, receivers }, { parent: this, dependsOn: gateway })
        : pulumi.output("");
    this.registerOutputs({ location: this.location, gateway: gateway.model.name, model });
  }
}

function receiversOf({
  slack,
  pagerDuty,
  webhook,
}: AlertingArgs["notify"] = {}): Partial<Record<Told, SecretRef>> {
  return {
    ...(slack && { slack: slack.url }),
    ...(pagerDuty && { pagerDuty: pagerDuty.routingKey }),
    ...(webhook && { webhook: webhook.url }),
  };
}

/** The credentials that their stores don't have: found out otherwise with the first fault that nobody is told of. */
export function unknownCredentials(receivers: SecretsByName): { property: string; reason: string }[] {
  return Object.entries(receivers).flatMap(([receiver, secret]) => {
    const reason = unknownKey(secret);
    return reason ? [{ property: credentialProperties[receiver as Told], reason }] : [];
  });
}
