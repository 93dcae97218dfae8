import { afterEach, describe, expect, it } from "vitest";
import { runSmokeTest } from "../../smoke/index.ts";
import { type ModelParts, modelOf } from "./fixture.ts";
import { type Behaviour, type Listening, smallGateway, sound } from "./small-gateway.ts";

const open: Listening[] = [];
afterEach(async () => {
  await Promise.all(open.splice(0).map((each) => each.close()));
});

const servers = [{ name: "notes" }, { name: "clock" }];
const tokens = { reader: "reader-token", writer: "writer-token" };
const write = { server: "notes", tool: "write" };

async function checksOf(parts: Omit<ModelParts, "servers">, behaviour: Partial<Behaviour> = {}) {
  const gateway = await smallGateway(behaviour);
  open.push(gateway);
  const endpoint = `${gateway.origin}/mcp`;
  const report = await runSmokeTest({
    model: modelOf({ servers, ...parts }),
    endpoint,
    tokens,
    deadlineMs: 10_000,
  });
  return report.checks;
}

const failing = (checks: Awaited<ReturnType<typeof checksOf>>) =>
  checks.filter((check) => !check.passed).map(({ check, detail }) => `${check}: ${detail}`);

describe("what is checked follows from the declaration", () => {
  it("without authentication everyone sees what all use together, and nobody is refused", async () => {
    const everything = () => ["notes__write", "clock__now"];
    const checks = await checksOf(
      {
        consumers: [
          { name: "reader", uses: [{ server: "clock", tool: "now" }] },
          { name: "writer", uses: [write] },
        ],
        gateway: { auth: { mode: "none" } },
      },
      { authenticate: () => "everyone", tools: everything, prompts: () => [] },
    );
    expect(failing(checks)).toEqual([]);
    expect(new Set(checks.map(({ subject }) => subject))).toContain("everyone (no token)");
    expect(checks.some(({ check }) => check.includes("refuse"))).toBe(false);
  });

  it("a wildcard means at least what the server declares", async () => {
    const wildcard = { consumers: [{ name: "writer", uses: [{ server: "notes", tool: "*" }] }] };
    expect(failing(await checksOf(wildcard, { tools: () => ["notes__write", "notes__more"] }))).toEqual([]);
    expect(failing(await checksOf(wildcard, { tools: () => [] }))).toContain(
      "sees exactly its tools (2026-07-28): nothing of: notes",
    );
  });

  it("what others see by wildcard is refused too", async () => {
    const consumers = [
      { name: "writer", uses: [write] },
      { name: "reader", uses: [{ server: "clock", tool: "*" }] },
    ];
    const tools = (name: string) => (name === "reader" ? ["clock__now"] : ["notes__write"]);
    const checks = await checksOf({ consumers }, { tools, prompts: () => [] });
    expect(failing(checks)).toEqual([]);
    expect(checks.find(({ check }) => check.startsWith("is refused"))?.detail).toBe(
      "clock__now (used by reader) is unknown to it",
    );
  });

  it("a folder of resources is read by what is listed in it", async () => {
    const consumers = [{ name: "writer", uses: [write, { server: "notes", resource: "note:///2026/" }] }];
    const read: string[] = [];
    const listed = {
      resources: () => ["note:///2025/a", "note:///2026/b"],
      read: (uri: string) => sound.read(read.push(uri) > 0 ? uri : uri),
    };
    expect(failing(await checksOf({ consumers }, listed))).toEqual([]);
    expect(read).toEqual(["note:///2026/b", "note:///2026/b"]);
    expect(failing(await checksOf({ consumers }))).toContain(
      "reads note:///2026/ (2026-07-28): not checked: nothing is listed below this URI, so there is nothing to read",
    );
  });

  it("without a consumer there is still a gateway to guard and servers to be up", async () => {
    const checks = await checksOf({ consumers: [] });
    expect(checks.map(({ check, passed }) => [check, passed])).toEqual([
      ["refuses a request without a token", true],
      ["refuses a wrong token", true],
      ["is up behind the gateway", true],
      ["is up behind the gateway", true],
    ]);
  });

  it("an objective makes a verdict of what is otherwise only told", async () => {
    const consumers = [{ name: "writer", uses: [write] }];
    const told = await checksOf({ consumers });
    expect(told.at(-1)).toMatchObject({ check: "how fast it answers", passed: true });
    expect(told.at(-1)?.detail).toMatch(
      /^p95 .* over 10 tools\/list; of so few calls .*; no objective is declared$/,
    );
  });
});
