import { describe, expect, it } from "vitest";
import { percentile95 } from "../../smoke/checks/latency.ts";
import { renderSmokeReport, type SmokeCheck, smokeReportSchema } from "../../smoke/index.ts";
import { quote, redact } from "../../smoke/redact.ts";

const check = (subject: string, words: string, passed = true, detail = "as it should be"): SmokeCheck => ({
  subject,
  check: words,
  passed,
  detail,
  milliseconds: 12,
});

const reportOf = (checks: SmokeCheck[]) => ({
  passed: checks.every(({ passed }) => passed),
  startedAt: "2026-11-22T10:00:00.000Z",
  finishedAt: "2026-11-22T10:00:01.000Z",
  endpoint: "http://127.0.0.1:7400/mcp",
  checks,
});

describe("a report for people", () => {
  it("ends with the verdict", () => {
    expect(renderSmokeReport(reportOf([check("gateway edge", "speaks MCP 2026-07-28")]))).toMatch(
      /✓.*gateway edge.*12 ms[\s\S]*smoke test: PASSED 1 of 1$/,
    );
  });

  it("says what failed, and what to do", () => {
    const table = renderSmokeReport(
      reportOf([
        check("gateway edge", "speaks MCP 2026-07-28"),
        check("server memory", "is up", false, "down"),
      ]),
    );
    expect(table).toContain("smoke test: FAILED 1 of 2: server memory");
    expect(table).toMatch(/✗.*server memory/);
    expect(table.split("\n").at(-1)).toMatch(/→ server memory: look at its log/);
  });

  it("stays within 110 columns and cuts nothing off", () => {
    const long = `missing: ${"a-tool-with-a-very-long-name_".repeat(5)}end`;
    const table = renderSmokeReport(
      reportOf([check(`consumer ${"x".repeat(40)}`, "sees exactly its tools", false, long)]),
    );
    expect(
      Math.max(
        ...table.split("\n").map((line) => (line.startsWith("│") || line.startsWith("┌") ? line.length : 0)),
      ),
    ).toBeLessThanOrEqual(110);
    expect(table).not.toContain("…");
    expect(table).toContain("end");
  });

  it("puts both eras in one row where they agree, and only there", () => {
    const both = (words: string, second = true) => [
      check("consumer a", `${words} (2026-07-28)`),
      check("consumer a", `${words} (2025-11-25)`, second),
    ];
    const table = renderSmokeReport(reportOf([...both("agrees"), ...both("differs", false)]));
    expect(table.match(/agrees/g)).toHaveLength(1);
    expect(table.match(/differs/g)).toHaveLength(2);
    expect(table).toContain("FAILED 1 of 4");
  });

  it("puts what was not checked for one reason in one row", () => {
    const skipped = ["one", "two", "three"].map((words) =>
      check("consumer a", words, false, "not checked: see above"),
    );
    expect(renderSmokeReport(reportOf(skipped))).toContain("one, and 2 more");
  });

  it("says once that tokens are missing, however many consumers have none", () => {
    const without = ["a", "b"].map((name) =>
      check(`consumer ${name}`, "calls x", false, "not checked: no token of this consumer was handed to it"),
    );
    expect(renderSmokeReport(reportOf(without)).match(/→.*/g)).toEqual([
      "→ hand the tokens that are missing to the smoke test",
    ]);
  });

  it.each(["sees exactly its tools (2026-07-28)", "its catalogue is the locked one"])(
    "sends to the server that a list is without, and not to lock or compare: %s",
    (words) => {
      const detail = "server documents can't be listed now: 4 calls are with it (resilience.concurrency)";
      const failed = ["a", "b"].map((name) => check(`consumer ${name}`, words, false, detail));
      expect(renderSmokeReport(reportOf(failed)).match(/→.*/g)).toEqual([
        expect.stringMatching(/^→ server documents: look at its log, and at the bound/),
      ]);
    },
  );

  it("is no success when nothing was checked", () => {
    expect(renderSmokeReport({ ...reportOf([]), passed: false })).toContain(
      "smoke test: FAILED, nothing was checked",
    );
  });
});

describe("a report as data", () => {
  it("survives JSON", () => {
    const report = reportOf([check("server memory", "is up")]);
    expect(smokeReportSchema.parse(JSON.parse(JSON.stringify(report)))).toEqual(report);
  });

  it("is not anything", () => {
    expect(smokeReportSchema.safeParse({ passed: true }).success).toBe(false);
    expect(smokeReportSchema.safeParse({ ...reportOf([]), startedAt: "yesterday" }).success).toBe(false);
  });
});

describe("foreign text in a report", () => {
  it.each([
    "Authorization: Bearer s3cr3t",
    "postgres://app:s3cr3t@db/app",
    '{"apiKey": "s3cr3t"}',
    "GITHUB_TOKEN=s3cr3t",
    "db_password: s3cr3t, retry",
    "Set-Cookie: s3cr3t",
    "key ghp_s3cr3ts3cr3t refused",
    "eyJs3cr3t.s3cr3t.s3cr3t",
    "digest s3cr3t0123456789abcdef0123",
    "-----BEGIN PRIVATE KEY-----\ns3cr3t\n-----END PRIVATE KEY-----",
  ])("is masked: %s", (text) => {
    expect(redact(text)).toContain("***");
    expect(redact(text)).not.toContain("s3cr3t");
  });

  it("keeps what is harmless", () => {
    expect(redact("no such entity: Ada Lovelace (2 searched)")).toBe(
      "no such entity: Ada Lovelace (2 searched)",
    );
  });

  it("is one line of at most 120 characters, and obeys to no terminal", () => {
    expect(quote("\u001b[31mred\u001b[0m\n\tand more")).toBe('"red and more"');
    expect(quote("so ".repeat(100))).toHaveLength(122);
  });

  it("may be very long", () => {
    const begun = performance.now();
    redact("a".repeat(5_000_000));
    expect(performance.now() - begun).toBeLessThan(500);
  });
});

describe("the 95th percentile", () => {
  it("is a time that was measured", () => {
    expect(percentile95([3, 1, 2])).toBe(3);
    expect(percentile95(Array.from({ length: 100 }, (_, index) => index + 1))).toBe(95);
    expect(percentile95([])).toBe(0);
  });
});
