import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { compare, goals } from "../../bench/gateways/compare.ts";
import { type Contender, direct, gateway, pipe } from "../../bench/gateways/contenders.ts";
import { type Generator, startGenerator } from "../../bench/gateways/generator.ts";
import { report } from "../../bench/gateways/report.ts";

const directory = mkdtempSync(path.join(tmpdir(), "mcp-infra-bench-"));
const running: Contender[] = [];
let generator: Generator;

beforeAll(async () => {
  generator = startGenerator();
  const server = await direct(directory);
  running.push(server, await pipe(directory, server.port), await gateway(directory, server.port));
});
afterAll(async () => {
  generator.end();
  await Promise.all(running.map(({ program }) => program.end()));
  rmSync(directory, { recursive: true });
});

describe("the bench of gateways", () => {
  // How fast they are is the bench's to say; here is shown that what it says is about right answers.
  test("measures right answers of each, in the newer era, side by side", async () => {
    const figures = await compare(running, generator, 1);
    expect(figures.map(({ name, version, wrong }) => ({ name, version, wrong }))).toEqual(
      ["direct", "bare Node pipe", "mcp-infra"].map((name) => ({ name, version: "2026-07-28", wrong: {} })),
    );
    for (const { times, rate, memory } of figures) {
      for (const each of Object.values(times)) expect(each.totalCount).toBeGreaterThan(0);
      expect(rate[0]).toBeGreaterThan(0);
      expect(memory.load).toBeGreaterThan(0);
    }
    expect(figures[1]?.ofPipe).toEqual([1]);
    expect(goals(figures)).toHaveLength(2);
    const text = report(figures, [{ name: "another", reason: "its registry does not answer" }]);
    expect(text).toMatch(/mcp-infra +2026-07/);
    expect(text).toContain("another is not to be had: its registry does not answer");
  });

  test("a wrong answer is no call, and its reason is kept", async () => {
    const target = { endpoint: running[0]?.target.endpoint ?? "", listed: 4 };
    const measured = await generator.run({ target, what: "list", clients: 1, milliseconds: 100 });
    expect(measured.calls).toBe(0);
    expect(measured.reason).toBe("lists 3 tools instead of 4");
  });

  test("what can't be called at all is an error", async () => {
    const target = { endpoint: "http://127.0.0.1:1/mcp" };
    await expect(generator.run({ target, what: "small", clients: 1, milliseconds: 10 })).rejects.toThrow(
      "ECONNREFUSED",
    );
  });
});
