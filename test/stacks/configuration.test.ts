import { describe, expect, test } from "vitest";
import { configuration as readConfiguration } from "../../stacks/configuration.ts";

const defaults = {
  port: 7400,
  utilitiesPort: 7401,
  developer: false,
  objectives: { availability: 0.999, p95: "800ms" },
};

/** Reads configuration as Pulumi hands it over: every value a text, its key with the project's name in front. */
const read = (given: Record<string, string>) =>
  readConfiguration(
    "team",
    Object.fromEntries(Object.entries(given).map(([key, value]) => [`team:${key}`, value])),
  );

/** The lines of the refusal, without its first, which says what is refused. */
function faultsOf(given: Record<string, string>): string[] {
  try {
    read(given);
  } catch (error) {
    const [first, ...faults] = (error as Error).message.split("\n");
    expect(first).toContain("the stack's configuration is refused");
    return faults;
  }
  return [];
}

describe("a stack's configuration", () => {
  test("has a default for everything", () => {
    expect(read({})).toEqual(defaults);
  });

  test.each<[string, Record<string, string>, Partial<typeof defaults>]>([
    ["a number", { port: "8000" }, { port: 8_000 }],
    ["a boolean", { developer: "true" }, { developer: true }],
    [
      "an object",
      { objectives: '{"availability":0.9,"p95":"2s"}' },
      { objectives: { availability: 0.9, p95: "2s" } },
    ],
    [
      "a part of an object, and keeps the rest",
      { objectives: '{"p95":"1m"}' },
      { objectives: { availability: 0.999, p95: "1m" } },
    ],
  ])("takes %s", (_, given, expected) => {
    expect(read(given)).toEqual({ ...defaults, ...expected });
  });

  test("is not touched by other projects and by Pulumi's own", () => {
    const others = { "aws:region": "eu-central-1", "team-two:port": "1", "pulumi:tags": "{}", team: "?" };
    expect(readConfiguration("team", others)).toEqual(defaults);
  });

  test.each<[string, Record<string, string>, string]>([
    ["a port beyond all ports", { port: "65536" }, "✗ team:port: "],
    ["a port of zero", { port: "0" }, "✗ team:port: "],
    ["a fraction of a port", { port: "7400.5" }, "✗ team:port: "],
    ["a text that looks like a number", { port: '"7400"' }, "✗ team:port: "],
    ["a number as no JSON writes it", { port: "007400" }, "✗ team:port: "],
    ["a number that looks like a boolean", { developer: "1" }, "✗ team:developer: "],
    ["a text that looks like a boolean", { developer: '"true"' }, "✗ team:developer: "],
    ["a word for a boolean", { developer: "yes" }, "✗ team:developer: "],
    ["nothing", { port: "" }, "✗ team:port: "],
    ["null", { port: "null" }, "✗ team:port: "],
    ["an object where a number stands", { port: "{}" }, "✗ team:port: "],
    ["a number where an object stands", { objectives: "1" }, "✗ team:objectives: "],
    ["a duration without a unit", { objectives: '{"p95":"800"}' }, "✗ team:objectives.p95: "],
    ["a duration that is a number", { objectives: '{"p95":800}' }, "✗ team:objectives.p95: "],
    ["a share that is a text", { objectives: '{"availability":"0.9"}' }, "✗ team:objectives.availability: "],
    ["a key with a slip of the finger", { prot: "7400" }, "✗ team:prot: is no property here; there is"],
    [
      "a path that was not set as one",
      { "objectives.p95": "1s" },
      "✗ team:objectives.p95: is no property here; there is",
    ],
    [
      "a stranger within",
      { objectives: '{"p59":"1s"}' },
      "✗ team:objectives.p59: is no property here; there is",
    ],
  ])("refuses %s by its full key", (_, given, fault) => {
    const faults = faultsOf(given);
    expect(faults).toHaveLength(1);
    expect(faults[0]).toMatch(fault);
  });

  test("says every fault at once", () => {
    const faults = faultsOf({
      port: "80000",
      prot: "1",
      developer: "yes",
      objectives: '{"availability":"high","p95":"800","p59":1}',
    });
    expect(faults.map((fault) => fault.split(": ")[0]).sort()).toEqual([
      "✗ team:developer",
      "✗ team:objectives.availability",
      "✗ team:objectives.p59",
      "✗ team:objectives.p95",
      "✗ team:port",
      "✗ team:prot",
    ]);
  });

  test("tells for an unknown key which there are, beside it", () => {
    expect(faultsOf({ prot: "1" })[0]).toMatch(/there is .*port, utilitiesPort, developer, objectives/);
    expect(faultsOf({ objectives: '{"p59":"1s"}' })[0]).toContain("there is availability, p95");
  });

  test("tells for a duration how one is written", () => {
    expect(faultsOf({ objectives: '{"p95":"800"}' })[0]).toContain('"800ms"');
  });
});
