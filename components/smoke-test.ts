import { createHash } from "node:crypto";
import * as pulumi from "@pulumi/pulumi";
import type { Gateway } from "./gateway.ts";
import { type Duration, type SmokeTestModel, smokeTestSchema } from "./model/index.ts";

/** What a {@link SmokeTest} takes. */
export interface SmokeTestArgs {
  /** The gateway to test, with the servers behind it and for each of its consumers. */
  gateway: Gateway;
  /** The whole test's deadline, warming up of servers included. Default: `"60s"`. */
  deadline?: Duration;
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
    const subject = createHash("sha256").update(JSON.stringify(gateway.model)).digest("hex");
    const inputs = { gateway: gateway.model.name, subject, model, revision: gateway.revision };
    const prove = new pulumi.ResourceHook(`smoke-test-${name}`, () =>
      proveLive(name, gateway, model?.deadline ?? 0),
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

async function proveLive(name: string, gateway: Gateway, deadlineMs: number): Promise<void> {
  // Both SDK clients take a quarter of a second to load, which no preview has to wait for.
  const { renderSmokeReport, runSmokeTest } = await import("../smoke/index.ts");
  const { endpoint, tokens } = await live(gateway);
  const report = await gateway.target.reach(gateway.model.name, endpoint, (url) =>
    runSmokeTest({ model: gateway.model, endpoint: url, tokens, deadlineMs }),
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
function live({ endpoint, tokens }: Gateway): Promise<{ endpoint: string; tokens: Record<string, string> }> {
  return new Promise((resolve) => {
    pulumi.output({ endpoint, tokens }).apply((value) => resolve(value));
  });
}
