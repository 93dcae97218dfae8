import * as pulumi from "@pulumi/pulumi";
import { read } from "./declaration.ts";
import { type ConsumerModel, consumerSchema, describeUse } from "./model/index.ts";
import type { Finding } from "./rules/finding.ts";
import type { Use } from "./server.ts";

/** What a {@link Consumer} takes. */
export interface ConsumerArgs {
  /** Who it is to the gateway. */
  identity?: {
    /** The OAuth scope that stands for it (RFC 6749, section 3.3). Default: none, which blocks readiness. */
    scope?: string;
  };
  /** What it uses; it sees and calls this and nothing else. */
  uses: Use[];
}

/**
 * An agent or application that calls tools through a gateway: who it is and what it uses. Access rules, client
 * configuration and the smoke test's calls follow from it.
 */
export class Consumer extends pulumi.ComponentResource {
  /** The consumer as resolved; absent when its arguments are refused. */
  readonly model: ConsumerModel | undefined;
  /** What is wrong with its arguments; the gateway that it is given to reports it. */
  readonly findings: readonly Finding[];

  constructor(name: string, args: ConsumerArgs, options?: pulumi.ComponentResourceOptions) {
    const { model, findings } = read(consumerSchema, `consumer ${name}`, { name, ...args });
    super(
      "mcp-infra:index:Consumer",
      name,
      { uses: model?.uses.map(describeUse), scope: model?.identity.scope },
      options,
    );
    this.model = model;
    this.findings = findings;
    this.registerOutputs({});
  }
}
