import * as pulumi from "@pulumi/pulumi";
import type { Alerting } from "./alerting.ts";
import type { Gateway } from "./gateway.ts";
import { type IntegrationModel, requirementsSchema } from "./model/index.ts";
import { componentRules } from "./rules/index.ts";
import { check } from "./rules/rule.ts";
import type { SmokeTest } from "./smoke-test.ts";
import { type Readiness, readiness, renderReadiness } from "./views/readiness.ts";

/** What an {@link Integration} takes. */
export interface IntegrationArgs {
  /** What the integration is for: the part of readiness that can't be found out. Default: none, which blocks readiness. */
  requirements?: {
    /** What it is for, in a sentence. */
    purpose: string;
    /** The team that answers for it. */
    owner: string;
  };
  /** The gateway with its servers and consumers. */
  gateway: Gateway;
  /** Who hears of faults. Default: none, which blocks readiness. */
  alerting?: Alerting;
  /** The proof that the live stack serves its consumers. Default: none, which blocks readiness. */
  smokeTest?: SmokeTest;
}

/**
 * The whole: it knows all parts, judges the rules that need to, and owns the readiness gate. An integration that
 * is not ready is refused in the preview, before any resource changes, with the reason and next step for each of
 * the six items that is missing.
 */
export class Integration extends pulumi.ComponentResource {
  /** The integration as resolved. */
  readonly model: IntegrationModel;
  /** The checklist with its evidence. */
  readonly readiness: Readiness;

  constructor(name: string, args: IntegrationArgs, options?: pulumi.ComponentResourceOptions) {
    const { gateway, alerting, smokeTest } = args;
    const { declaration } = gateway.target;
    const requirements =
      args.requirements &&
      declaration.read(requirementsSchema, `integration ${name}: requirements`, args.requirements);
    const model: IntegrationModel = {
      ...gateway.model,
      scope: "integration",
      name,
      ...(alerting?.model && { alerting: alerting.model }),
      ...(smokeTest?.model && { smokeTest: smokeTest.model }),
      ...(requirements && { requirements }),
    };
    const verdict = readiness(model);
    if (gateway.complete) declaration.report(check(componentRules, model));
    if (gateway.complete && verdict.status === "BLOCKED")
      declaration.refuse(`integration ${name} is not ready\n${renderReadiness(verdict)}`);
    super(
      "mcp-infra:index:Integration",
      name,
      { status: verdict.status, model },
      declaration.held(pulumi.mergeOptions(options, { hideDiffs: ["model"] })),
    );
    this.model = model;
    this.readiness = verdict;
    this.registerOutputs({ status: verdict.status, model });
  }
}
