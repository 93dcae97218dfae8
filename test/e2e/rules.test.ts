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

  test.each(rules.filter(({ enforcedBy }) => enforcedBy === "component").map(({ id }) => id))(
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
