import { describe, expect, test } from "vitest";
import { z } from "zod";
import { findings, modelOf, type Rule, rule, rules, tunable } from "../../components/testing.ts";

const servers = [{ name: "notes", stdio: { package: "npm:@acme/notes" } }];

/** As docs/rules.md shows it. */
const teamPrefix: Rule = {
  id: "team-prefix",
  concern: "operations",
  title: "Names of servers begin with their team",
  severity: "error",
  enforcedBy: "policy",
  needs: "server",
  remediation: 'Call it "acme-…".',
  reference: "acme handbook, Names",
  check: (model) =>
    model.servers
      .filter(({ name }) => !name.startsWith("acme-"))
      .map(({ name }) => ({ path: `server ${name}`, reason: "says nothing of its team" })),
};

describe("a user tests rules without an engine", () => {
  test("their own", () => {
    expect(findings([teamPrefix], { servers })).toEqual([
      {
        rule: "team-prefix",
        path: "server notes",
        severity: "error",
        reason: "says nothing of its team",
        remediation: 'Call it "acme-…".',
        reference: "acme handbook, Names",
      },
    ]);
    expect(
      findings([teamPrefix], { servers: [{ name: "acme-notes", stdio: { command: "notes" } }] }),
    ).toEqual([]);
  });

  test("those of the framework, each by its id", () => {
    expect(findings([rule("pinned-artifacts")], { servers })[0]?.path).toBe("server notes: stdio.package");
    expect(() => rule("pinned")).toThrow(/there is no rule "pinned"; there is .*pinned-artifacts/);
  });

  test("a whole declaration, of which nothing is missing", () => {
    const whole = modelOf({
      servers: [{ name: "notes", stdio: { package: "npm:@acme/notes@1.2.3" } }],
      consumers: [{ name: "agent", uses: [{ server: "notes", tool: "read", arguments: {} }] }],
      gateway: {
        name: "edge",
        resilience: { timeout: "10s" },
        objectives: { availability: 0.99, p95: "1s" },
      },
      alerting: { name: "alerts" },
      smokeTest: { name: "smoke" },
    });
    expect(findings(rules, whole)).toEqual([]);
    expect(whole.gateway?.resilience.timeout).toBe(10_000);
  });

  test("with a gateway, what is not there is missing", () => {
    expect(findings([rule("alerting-declared")], { gateway: { name: "edge" } })).toHaveLength(1);
  });

  test("rules with parameters, by their defaults and by others", () => {
    const fewServers = tunable({
      ...teamPrefix,
      parameters: z.strictObject({ most: z.int().default(1) }),
      check: (model, { most }) =>
        model.servers.length > most ? [{ path: "servers", reason: `are more than ${most}` }] : [],
    });
    expect(findings([fewServers], { servers })).toEqual([]);
    expect(findings([fewServers.having?.({ most: 0 }) ?? fewServers], { servers })).toHaveLength(1);
  });

  test("a declaration that can't be is refused, with every property", () => {
    expect(() => modelOf({ servers: [{ name: "Notes", replicas: 0 }] })).toThrow(
      /servers\[0\]\.name: [\s\S]*servers\[0\]\.replicas: /,
    );
  });
});
