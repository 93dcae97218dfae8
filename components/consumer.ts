import * as pulumi from "@pulumi/pulumi";
import { type ConsumerModel, consumerSchema, describeUse } from "./model/index.ts";
import type { RateLimitArgs } from "./resilience-args.ts";
import type { Use } from "./server.ts";

/** What a {@link Consumer} takes. */
export interface ConsumerArgs {
  /** Who it is to the gateway. */
  identity?: {
    /**
     * The OAuth scope that stands for it (RFC 6749, section 3.3): with `auth.mode` `jwt` a token has to carry it.
     * Default: none, which blocks readiness unless a `client` is named.
     */
    scope?: string;
    /** With `auth.mode` `jwt`: the OAuth client that its tokens are issued to (`client_id` or `azp`). Default: any. */
    client?: string;
  };
  /** Most tool calls of it; one more is told when to come back. Default: none. */
  limit?: RateLimitArgs;
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

  constructor(name: string, args: ConsumerArgs, options?: pulumi.ComponentResourceOptions) {
    const declaration = args.uses?.find((use) => use?.server)?.server.target.declaration;
    if (!declaration)
      throw new pulumi.RunError(
        `consumer ${name}: uses is empty; name what it uses: uses: [server.tool("…")]`,
      );
    const uses = args.uses.map((use) => ({ ...use, server: use?.server?.name }));
    const model = declaration.read(consumerSchema, `consumer ${name}`, { ...args, uses, name });
    const inputs = {
      uses: model?.uses.map(describeUse),
      scope: model?.identity.scope,
      client: model?.identity.client,
      limit: model?.limit,
    };
    super("mcp-infra:index:Consumer", name, inputs, declaration.held(options));
    this.model = model;
    this.registerOutputs({});
  }
}
