import path from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { rules } from "../../components/rules/index.ts";
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

  test.each(rules.filter(({ enforcedBy }) => enforcedBy === "policy").map(({ id }) => id))(
    "is stopped by %s, with the policy pack",
    async (id) => {
      const { exitCode, output } = await preview(id, ...policies, "--config", "integration=false");
      expect(exitCode).not.toBe(0);
      expect(output).toMatch(new RegExp(`\\[mandatory\\].*${id}`));
      expect(output).toContain(rules.find((rule) => rule.id === id)?.remediation);
    },
  );

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
