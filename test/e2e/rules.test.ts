import { mkdir, writeFile } from "node:fs/promises";
import path from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { rules } from "../../components/rules/index.ts";
import { levelOf } from "../../components/rules/rule.ts";
import type { PolicySettings } from "../../policies/policy-pack.ts";
import { checkout, freePorts, Project } from "./project.ts";

/** The real CLI, on a stack that has nothing yet: every rule stops the first preview, while run-time values are unknown. */
describe("a preview through the real CLI", () => {
  let project: Project;
  const policies = ["--policy-pack", path.join(checkout, "policies")];
  const preview = async (variation: string, ...args: string[]) => {
    return project.preview("--config", `variation=${variation}`, "--config", "integration=true", ...args);
  };

  beforeAll(async () => {
    project = await Project.running("program.ts");
    await project.configure({ ports: await freePorts(2) });
  });
  afterAll(() => project[Symbol.asyncDispose]());

  test("passes what keeps every rule, policies included", async () => {
    const { exitCode, output } = await preview("none", ...policies);
    expect(output).toContain("✅ mcp-infra@");
    expect(exitCode, output).toBe(0);
  });

  const ofComponents = rules.filter(({ enforcedBy }) => enforcedBy === "component");
  test.each(ofComponents.filter(({ severity }) => severity === "error").map(({ id }) => id))(
    "is stopped by %s, without any policy pack",
    async (id) => {
      const { exitCode, output } = await preview(id);
      expect(exitCode).not.toBe(0);
      expect(output).toContain(`[${id}]`);
      expect(output).not.toMatch(/ {4}at |unhandled|canary/);
      expect(output).not.toContain("index:Process");
    },
  );

  /** A preview takes seconds: what can be violated beside others is, and the others each in a variation of their own. */
  const together: Record<string, string[]> = {
    "policies-of-servers": ["current-transport", "narrow-egress", "repeatable-calls"],
    "policies-of-gateways": [
      "token-for-one-server",
      "destructive-tools-scoped",
      "tools-justified",
      "secrets-in-examples",
      "encrypted-transport",
      "catalogue-locked",
      "several-instances",
      "failure-domains",
      "timeouts-nest",
      "attempts-bounded",
      "circuit-breaker",
      "smoke-test-declared",
      "alerts-routed",
    ],
  };
  const ofPolicies = rules.filter(({ enforcedBy }) => enforcedBy === "policy");
  const alone = ofPolicies.filter(({ id }) => !Object.values(together).flat().includes(id));

  test.each(Object.entries(together))("is stopped by %s, each at its level", async (variation, ids) => {
    const { exitCode, output } = await preview(variation, ...policies, "--config", "integration=false");
    expect(exitCode).not.toBe(0);
    for (const rule of ofPolicies.filter(({ id }) => ids.includes(id))) {
      expect(output).toMatch(new RegExp(`\\[${levelOf(rule)}\\] +${rule.id} `));
      expect(output).toContain(`[${rule.id}]`);
      expect(output).toContain(rule.remediation);
    }
    expect(output).not.toMatch(/canary|can't run/);
  });

  test.each(alone.map(({ id }) => id))("is stopped by %s, with the policy pack", async (id) => {
    const { exitCode, output } = await preview(id, ...policies, "--config", "integration=false");
    expect(exitCode).not.toBe(0);
    expect(output).toMatch(new RegExp(`\\[mandatory\\].*${id}`));
    expect(output).toContain(rules.find((rule) => rule.id === id)?.remediation);
  });

  describe("by a policy pack of a team's own", () => {
    /** The pack as docs/rules.md says, with these settings. */
    const packOf = async (name: string, settings: unknown) => {
      const directory = path.join(project.directory, name);
      await mkdir(directory);
      const files = {
        "PulumiPolicy.yaml": "runtime: nodejs\n",
        "package.json": JSON.stringify({ name, version: "1.0.0", type: "module", main: "index.js" }),
        "index.js": `import { policyPack } from "${checkout}/policies/policy-pack.ts";\npolicyPack(${JSON.stringify(settings)});\n`,
      };
      for (const [file, text] of Object.entries(files)) await writeFile(path.join(directory, file), text);
      return ["--policy-pack", directory, "--config", "integration=false"];
    };

    test("shows, and goes on, where all is advisory; what is off says nothing, until its day is over", async () => {
      const settings: PolicySettings = {
        all: "advisory",
        rules: {
          "current-transport": { off: { reason: "the vendor moves in autumn", until: "9999-12-31" } },
          "narrow-egress": { off: { reason: "the crawler was tried out", until: "2026-01-31" } },
        },
      };
      const { exitCode, output } = await preview(
        "policies-of-servers",
        ...(await packOf("lenient", settings)),
      );
      expect(exitCode, output).toBe(0);
      expect(output).toMatch(/\[advisory\] +encrypted-transport /);
      expect(output).not.toContain("current-transport");
      expect(output).toContain(
        'narrow-egress is on again: it was off until 2026-01-31, "the crawler was tried out"',
      );
    });

    test("is refused with everything that is wrong with its settings", async () => {
      const settings = {
        all: "off",
        rules: { "pinned-artefacts": "advisory", "circuit-breaker": "disabled" },
      };
      const { exitCode, output } = await preview("none", ...(await packOf("mistaken", settings)));
      expect(exitCode).not.toBe(0);
      expect(output).toMatch(/✗ all: .*advisory/);
      expect(output).toContain("✗ rules.pinned-artefacts: is no property here");
      expect(output).toContain("✗ rules.circuit-breaker.level: is off without a word");
      expect(output).not.toMatch(/ {4}at /);
    });
  });

  test("says all faults of a program at once, each with its property, and shows no stack", async () => {
    const { exitCode, output } = await preview("many-faults");
    expect(exitCode).not.toBe(0);
    for (const property of [
      "server notes: replicas",
      "server notes: timeout",
      "server utilities: startTimeout",
      "server utilities: stdoi",
      "gateway edge: listen.port",
      "gateway edge: objectives.availability",
    ])
      expect(output).toContain(property);
    expect(output).not.toMatch(/ {4}at /);
  });

  test("says every fault of how failures are met and of who may call, all at once, and no secret", async () => {
    const { exitCode, output } = await preview("many-faults-of-failures-and-tokens");
    expect(exitCode).not.toBe(0);
    for (const property of [
      "server notes: resilience.retry.attempts",
      "server notes: resilience.circuitBreaker",
      "server notes: resilience.concurrency.wait",
      "server notes: perTool.read_graph.timeout",
      "server notes: perTool.read_graph.repeatable",
      "server notes: perTool.read_graph.limit.calls",
      "server utilities: remote.auth.clientCredentials.issuer",
      "gateway edge: publicUrl",
      "gateway edge: auth.issuers[0].issuer",
      "gateway edge: auth.login.clientId",
      "gateway edge: auth.login.clientSecret",
      "gateway edge: resilience.retry.backof",
      "gateway edge: catalogue.reader.tools.notes.read_graph",
      "gateway edge: userTokens.key",
      "gateway edge: tracing.endpoint",
      "gateway edge: tracing.ratio",
      "gateway edge: failover[0].primary",
      "gateway edge: failover[0].standby[1]",
      "gateway edge: failover[0].mode",
      "consumer reader: identity.client",
      "consumer reader: limit.calls",
    ])
      expect(output).toContain(property);
    expect(output).not.toMatch(/ {4}at |canary|failover.* give text/);
  });

  test("warns, and goes on, where a retry can never be made", async () => {
    const { exitCode, output } = await preview("retries-in-time");
    expect(exitCode, output).toBe(0);
    expect(output).toMatch(/server notes: resilience\.retry: pauses 15000 ms .*\[retries-in-time\]/);
  });

  test("is stopped by a gateway that has no route to its servers, on neither target", async () => {
    const { exitCode, output } = await preview("another-target");
    expect(exitCode).not.toBe(0);
    expect(output).toMatch(/gateway edge: servers: notes: runs on local, and the gateway on kubernetes/);
    expect(output).not.toMatch(/ {4}at |index:Process|kubernetes:core/);
  });

  test("is blocked when the integration is not ready, with the reason and next step for each item", async () => {
    const { exitCode, output } = await preview("nothing-ready");
    expect(exitCode).not.toBe(0);
    expect(output).toContain("Status: BLOCKED");
    for (const item of ["requirements", "error handling", "monitoring", "performance requirements"])
      expect(output).toMatch(new RegExp(item, "i"));
    expect(output).not.toContain("index:Process");
  });

  test.each([
    ["a command that doesn't exist", "command-missing", "stdio.command"],
    ["a package version that doesn't exist", "package-missing", "stdio.package"],
  ])("finds %s before anything changes", async (_, variation, property) => {
    const { exitCode, output } = await preview(variation);
    expect(exitCode).not.toBe(0);
    expect(output).toContain(property);
  });
});
