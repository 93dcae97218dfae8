import path from "node:path";
import { execa } from "execa";
import { expect, test } from "vitest";
import { rules } from "../../components/rules/index.ts";
import { checkout } from "../e2e/project.ts";

const listed = async (...args: string[]) =>
  (await execa("node", [path.join(checkout, "cli/mcp-infra.js"), "rules", ...args])).stdout;

test("mcp-infra rules lists each rule with who enforces it", async () => {
  const output = await listed();
  for (const { id, title } of rules)
    expect(output).toMatch(new RegExp(`${id} .*${title.replace(/[()]/g, ".")}`));
  expect(output).toMatch(/pinned-artifacts +mandatory policy/);
  expect(output).toMatch(/gateway-authentication +always refused/);
});

test("mcp-infra rules --json has all that a tool needs of them", async () => {
  const data = JSON.parse(await listed("--json")) as Record<string, unknown>[];
  expect(data.map(({ id }) => id)).toEqual(rules.map(({ id }) => id));
  expect(data.find(({ id }) => id === "tools-justified")).toMatchObject({
    concern: "security",
    level: "advisory",
    parameters: { properties: { most: { default: 40 } } },
  });
});
