import { describe, expect, test } from "vitest";
import type { IntegrationModel } from "../../components/model/index.ts";
import { rules } from "../../components/rules/index.ts";
import { check } from "../../components/rules/rule.ts";
import { keepingModel } from "./changes.ts";
import { passing } from "./passing/index.ts";
import { violating } from "./violating/index.ts";

test("an integration that keeps every rule has no finding", () => {
  expect(check(rules, keepingModel())).toEqual([]);
});

test("every rule has a violating case", () => {
  expect(Object.keys(violating).sort()).toEqual(rules.map(({ id }) => id).sort());
});

test("every rule shows the code that keeps it", () => {
  for (const { id, code } of rules) expect(code, id).toMatch(/\S/);
});

test("a name is a rule's alone", () => {
  expect(new Set(rules.map(({ id }) => id)).size).toBe(rules.length);
});

describe.each(rules.map((rule) => ({ id: rule.id, rule })))("$id", ({ id, rule }) => {
  test.each(violating[id] ?? [])("finds that %s", (_, change, path) => {
    const model = keepingModel();
    change(model);
    const findings = check([rule], model);
    expect(findings.map((finding) => finding.path)).toContain(path);
    expect(JSON.stringify(findings)).not.toMatch(/hunter2|ghp_/);
    expect(findings[0]).toMatchObject({
      rule: id,
      remediation: expect.stringMatching(/\S/),
      reference: expect.stringMatching(/\S/),
    });
  });

  test.each(passing[id] ?? [])("lets pass that %s", (_, change) => {
    const model = keepingModel();
    change(model);
    expect(check([rule], model)).toEqual([]);
  });
});

test("a rule that needs more than a model tells says nothing of it", () => {
  const { servers } = keepingModel();
  const alone: IntegrationModel = {
    scope: "server",
    name: "notes",
    target: "local",
    servers: servers.slice(0, 1),
    consumers: [],
    secrets: [],
  };
  expect(check(rules, alone)).toEqual([]);
});
