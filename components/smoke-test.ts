import { createHash } from "node:crypto";
import * as pulumi from "@pulumi/pulumi";
import { type ClientCredentials, credentialsOf } from "../smoke/credentials.ts";
import type { OAuthClientArgs } from "./authorization-args.ts";
import type { Gateway } from "./gateway.ts";
import { type Duration, type IntegrationModel, type SmokeTestModel, smokeTestSchema } from "./model/index.ts";
import { smokeCredentials } from "./rules/operations/smoke-credentials.ts";
import { check } from "./rules/rule.ts";
import { isReference, type SecretRef, unknownKey } from "./secrets.ts";

/** What a {@link SmokeTest} takes. */
export interface SmokeTestArgs {
  /** The gateway to test, with the servers behind it and for each of its consumers. */
  gateway: Gateway;
  /** The whole test's deadline, warming up of servers included. Default: `"60s"`. */
  deadline?: Duration;
  /**
   * Where the gateway takes signed tokens (`auth.mode` `jwt`): how the test comes by a token of each consumer, by the
   * consumer's name. Its OAuth client gets what the consumer's own have; where `scopes` are left out it asks for the
   * consumer's scope, and where `resource` is, for the gateway. Default: none; every consumer needs it then, and none
   * otherwise.
   */
  credentials?: Record<
    string,
    { /** As a program: OAuth client credentials. */ clientCredentials: OAuthClientArgs }
  >;
}

/**
 * Proves that the live stack serves its consumers, or fails `pulumi up`. It runs when anything under test has
 * changed. The check is a hook *before* the resource is created or updated, so the state never holds a digest
 * that was not green: a red test stays red on the next `up`, until it is mended.
 */
export class SmokeTest extends pulumi.ComponentResource {
  /** The smoke test as resolved; absent when its arguments are refused. */
  readonly model: SmokeTestModel | undefined;

  constructor(name: string, args: SmokeTestArgs, options?: pulumi.ComponentResourceOptions) {
    const { gateway, ...described } = args;
    const { declaration } = gateway.target;
    const model = declaration.read(smokeTestSchema, `smoke test ${name}`, { ...described, name });
    const secrets = secretsOf(args.credentials);
    const tested: IntegrationModel = {
      ...gateway.model,
      scope: "integration",
      ...(model && { smokeTest: model }),
    };
    // Judged here too: without an integration nobody else would.
    if (model && gateway.complete) declaration.report(check([smokeCredentials], tested));
    for (const [consumer, secret] of Object.entries(secrets)) {
      const reason = unreadable(secret);
      if (reason)
        declaration.fault(
          `smoke test ${name}: credentials.${consumer}.clientCredentials.clientSecret`,
          reason,
          "Name a key of values or generate of the Secrets component: the test needs the value itself.",
        );
    }
    const subject = createHash("sha256").update(JSON.stringify(gateway.model)).digest("hex");
    const access = accessTo(gateway, tested, secrets);
    const inputs = {
      gateway: gateway.model.name,
      subject,
      model,
      revision: gateway.revision,
      // For the command line, which runs the test again.
      ...(Object.keys(secrets).length > 0 && { credentials: access.credentials }),
    };
    const prove = new pulumi.ResourceHook(`smoke-test-${name}`, () =>
      proveLive(name, gateway, access, model?.deadline ?? 0),
    );
    const proof = {
      dependsOn: gateway.parts,
      hooks: { beforeCreate: [prove], beforeUpdate: [prove] },
    };
    super("mcp-infra:index:SmokeTest", name, inputs, declaration.held(pulumi.mergeOptions(options, proof)));
    this.model = model;
    this.registerOutputs({ gateway: gateway.model.name, model });
  }
}

/** By what the test gets in; run-time values, and secret. */
interface Access {
  endpoint: pulumi.Output<string>;
  tokens: pulumi.Output<Record<string, string>>;
  credentials: pulumi.Output<Record<string, ClientCredentials>>;
}

function accessTo(gateway: Gateway, tested: IntegrationModel, secrets: Record<string, SecretRef>): Access {
  const { endpoint, tokens } = gateway;
  const values = Object.fromEntries(
    Object.entries(secrets).map(([consumer, { value }]) => [consumer, value]),
  );
  const credentials = pulumi
    .all([endpoint, values])
    .apply(([url, known]) => credentialsOf(tested, url, known));
  return { endpoint, tokens, credentials: pulumi.secret(credentials) };
}

/** The clients' secrets, by the consumer's name; whatever else stands there is reported by the schema. */
function secretsOf(credentials: SmokeTestArgs["credentials"] = {}): Record<string, SecretRef> {
  const given = Object.entries(credentials).map(
    ([consumer, credential]) => [consumer, credential?.clientCredentials?.clientSecret] as const,
  );
  return Object.fromEntries(given.filter(([, secret]) => isReference(secret)));
}

function unreadable(secret: SecretRef): string | undefined {
  if (secret.key in secret.from.external) return `is "${secret.key}", which an outside store keeps`;
  return unknownKey(secret);
}

async function proveLive(name: string, gateway: Gateway, access: Access, deadlineMs: number): Promise<void> {
  // Both SDK clients take a quarter of a second to load, which no preview has to wait for.
  const { renderSmokeReport, runSmokeTest } = await import("../smoke/index.ts");
  const { endpoint, ...by } = await live(access);
  const report = await gateway.target.reach(gateway.model.name, endpoint, (url) =>
    runSmokeTest({ model: gateway.model, endpoint: url, ...by, deadlineMs }),
  );
  await gateway.target.keepSmokeReport(gateway.model.name, report);
  const table = renderSmokeReport(report);
  if (!report.passed)
    throw new Error(
      `smoke test ${name} is red, and stays red until the stack serves its consumers\n${table}`,
    );
  // Green needs one line; `mcp-infra smoke` shows the whole.
  await pulumi.log.info(table.slice(table.lastIndexOf("\n") + 1));
}

/** What is known by now: a hook runs after everything that its resource depends on. */
function live(access: Access): Promise<pulumi.Unwrap<Access>> {
  return new Promise((resolve) => {
    pulumi.output(access).apply((value) => resolve(value));
  });
}
