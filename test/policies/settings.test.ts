import { describe, expect, test } from "vitest";
import { findings, rules } from "../../components/testing.ts";
import { decide, type PolicySettings } from "../../policies/settings.ts";

const today = "2026-06-15";
const decided = (settings: PolicySettings) => {
  const { decisions, faults } = decide(rules, settings, today);
  expect(faults).toEqual([]);
  return (id: string) => {
    const found = decisions.find(({ rule }) => rule.id === id);
    if (!found) throw new Error(`no decision on ${id}`);
    return found;
  };
};
const faultsOf = (settings: unknown) => decide(rules, settings as PolicySettings, today).faults.join("\n");
const off = (until: string) => ({ off: { reason: "until the vendor has moved", until } });

describe("what a team decides", () => {
  test("without a word, each rule has its own level", () => {
    const of = decided({});
    expect(of("pinned-artifacts").level).toBe("mandatory");
    expect(of("tools-justified").level).toBe("advisory");
  });

  test.each(["advisory", "mandatory", "disabled"] as const)(
    "all policies are %s, and what components refuse stays as it is",
    (all) => {
      const of = decided({ all });
      expect(of("pinned-artifacts").level).toBe(all);
      expect(of("tools-justified").level).toBe(all);
      expect(of("gateway-authentication").level).toBe("mandatory");
    },
  );

  test("a level of its own counts before that of all, in either way of writing it", () => {
    const of = decided({
      all: "disabled",
      rules: { "pinned-artifacts": "advisory", "tools-justified": { level: "mandatory" } },
    });
    expect(of("pinned-artifacts").level).toBe("advisory");
    expect(of("tools-justified").level).toBe("mandatory");
    expect(of("server-timeout").level).toBe("disabled");
  });

  test("a warning of a component can be made to refuse", () => {
    expect(decided({ rules: { "retries-in-time": "mandatory" } })("retries-in-time").level).toBe("mandatory");
  });

  test.each([
    [
      "2026-06-14",
      "mandatory",
      expect.stringContaining('was off until 2026-06-14, "until the vendor has moved"'),
    ],
    ["2026-06-15", "disabled", undefined],
    ["2027-01-01", "disabled", undefined],
  ])("what is off until %s is %s today", (until, level, note) => {
    const decision = decided({ rules: { "pinned-artifacts": off(until) } })("pinned-artifacts");
    expect(decision.level).toBe(level);
    expect(decision.note).toEqual(note);
  });

  test("what is on again has the level that the team gave it", () => {
    const settings = { all: "advisory" as const, rules: { "pinned-artifacts": off("2026-01-01") } };
    expect(decided(settings)("pinned-artifacts").level).toBe("advisory");
  });

  test("parameters change what a rule finds", () => {
    const servers = [{ name: "db", http: { command: "db", port: 1 }, egress: ["10.0.0.0/12:5432"] }];
    const found = (parameters?: Record<string, unknown>) => {
      const { rule } = decided({ rules: { "narrow-egress": { parameters } } })("narrow-egress");
      return findings([rule], { servers }).length;
    };
    expect(found()).toBe(1);
    expect(found({ prefix: 12 })).toBe(0);
  });

  test("durations among the parameters are written as everywhere", () => {
    const { rule } = decided({ rules: { "timeouts-nest": { parameters: { caller: "5s" } } } })(
      "timeouts-nest",
    );
    const declaration = {
      servers: [{ name: "db", http: { command: "db", port: 1 } }],
      gateway: { name: "edge", resilience: { timeout: "10s" as const } },
    };
    expect(findings([rule], declaration)).toHaveLength(1);
  });
});

describe("settings are refused", () => {
  test.each<[string, unknown, RegExp]>([
    ["a level that there isn't", { all: "off" }, /^all: .*advisory/],
    [
      "a rule that there isn't",
      { rules: { "pinned-artefacts": "advisory" } },
      /^rules\.pinned-artefacts: is no property/,
    ],
    ["a property that there isn't", { al: "advisory" }, /^al: is no property here; there is all, rules/],
    [
      "off without a word",
      { rules: { "server-timeout": "disabled" } },
      /^rules\.server-timeout\.level: .*off: \{ reason/,
    ],
    [
      "off without a reason",
      { rules: { "server-timeout": { off: { until: "2026-12-31" } } } },
      /off\.reason/,
    ],
    [
      "off for no reason to speak of",
      { rules: { "server-timeout": { off: { reason: "x", until: "2026-12-31" } } } },
      /off\.reason: is too short/,
    ],
    [
      "off without an end",
      { rules: { "server-timeout": { off: { reason: "the vendor is slow" } } } },
      /off\.until/,
    ],
    ["off until no day", { rules: { "server-timeout": off("2026-02-31") } }, /off\.until: is no day/],
    [
      "a parameter that there isn't",
      { rules: { "tools-justified": { parameters: { max: 3 } } } },
      /parameters\.max: is no property here/,
    ],
    [
      "parameters of a rule that has none",
      { rules: { "server-timeout": { parameters: { x: 1 } } } },
      /parameters\.x: is no property/,
    ],
    [
      "a parameter of another kind",
      { rules: { "narrow-egress": { parameters: { prefix: "16" } } } },
      /parameters\.prefix/,
    ],
    [
      "what components refuse",
      { rules: { "gateway-authentication": "advisory" } },
      /^rules\.gateway-authentication: is refused by the component/,
    ],
  ])("that say %s", (_, settings, fault) => {
    expect(faultsOf(settings)).toMatch(fault);
  });

  test("with everything that is wrong at once", () => {
    const settings = { all: "x", rules: { nothing: "advisory", "server-timeout": "disabled" } };
    expect(faultsOf(settings).split("\n")).toHaveLength(3);
  });
});
