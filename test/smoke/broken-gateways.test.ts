import { afterEach, describe, expect, it } from "vitest";
import { runSmokeTest, type SmokeReport } from "../../smoke/index.ts";
import { modelOf } from "./fixture.ts";
import { type Behaviour, type Listening, smallGateway, sound } from "./small-gateway.ts";

const open: Listening[] = [];
afterEach(async () => {
  await Promise.all(open.splice(0).map((each) => each.close()));
});

const model = modelOf({
  servers: [{ name: "notes", tools: ["read", "write"] }, { name: "clock" }],
  consumers: [
    {
      name: "reader",
      uses: [
        { server: "notes", tool: "read", arguments: { id: 1 }, expect: { contains: "hello" } },
        { server: "clock", tool: "now", expect: { contains: '"hour":12' } },
        { server: "notes", prompt: "daily", arguments: {}, expect: { contains: "today" } },
        { server: "notes", resource: "note:///shopping", expect: { contains: "honey" } },
      ],
    },
    { name: "writer", uses: [{ server: "notes", tool: "write", arguments: { text: "x" } }] },
  ],
  gateway: { objectives: { availability: 0.99, p95: "2s" } },
});
const tokens = { reader: "reader-token", writer: "writer-token" };

async function smoke(
  broken: Partial<Behaviour> = {},
  options: Partial<Parameters<typeof runSmokeTest>[0]> = {},
) {
  const gateway = await smallGateway(broken);
  open.push(gateway);
  return runSmokeTest({ model, endpoint: `${gateway.origin}/mcp`, tokens, deadlineMs: 10_000, ...options });
}

/** What failed, by subject and check, with the reason. */
const failures = (report: SmokeReport) =>
  Object.fromEntries(
    report.checks
      .filter((each) => !each.passed)
      .map((each) => [`${each.subject}: ${each.check}`, each.detail]),
  );

/** The same check in both eras, failing for the same reason. */
const inBothEras = (check: string, detail: unknown) => ({
  [`${check} (2026-07-28)`]: detail,
  [`${check} (2025-11-25)`]: detail,
});

describe("a gateway that does everything right", () => {
  it("passes", async () => {
    const report = await smoke();
    expect(failures(report)).toEqual({});
    expect(report).toMatchObject({ passed: true });
    expect(report.checks).toHaveLength(31);
  });

  it("is measured by calls that reach it, also where the client could answer from a cache", async () => {
    const asked: string[] = [];
    const report = await smoke({
      authenticate(token, method) {
        asked.push(method);
        return sound.authenticate(token, method);
      },
    });
    // Two consumers in two eras list once; then come five round trips in each era; one is asked without and
    // one with a wrong token.
    expect(asked.filter((method) => method === "tools/list")).toHaveLength(4 + 10 + 2);
    expect(asked.filter((method) => method === "tools/call")).toHaveLength(2 * (2 + 1) + 2 * 2 * 2);
    expect(report.checks.at(-1)?.detail).toMatch(/^p95 .* over 10 example calls .*, .* over 10 tools\/list/);
  });
});

describe("each check can fail, and then fails alone", () => {
  it("a tool of others is listed", async () => {
    const report = await smoke({
      tools: (consumer) => [...sound.tools(consumer), ...(consumer === "writer" ? ["notes__read"] : [])],
    });
    expect(failures(report)).toEqual(
      inBothEras("consumer writer: sees exactly its tools", "too many: notes__read"),
    );
  });

  it("a tool is missing", async () => {
    const report = await smoke({
      tools: (consumer) => sound.tools(consumer).filter((name) => name !== "notes__read"),
    });
    expect(failures(report)).toEqual(
      inBothEras("consumer reader: sees exactly its tools", "missing: notes__read"),
    );
  });

  it("a prompt of others is listed", async () => {
    const report = await smoke({ prompts: () => ["notes__daily"] });
    expect(failures(report)).toEqual(
      inBothEras("consumer writer: sees exactly its prompts", "too many: notes__daily"),
    );
  });

  it("a tool of others can be called, although it isn't listed", async () => {
    const report = await smoke({
      call: (_, name) => sound.call("reader", name === "notes__write" ? "notes__read" : name, {}),
    });
    expect(Object.keys(failures(report))).toEqual([
      "consumer reader: is refused what others use (2026-07-28)",
      "consumer reader: is refused what others use (2025-11-25)",
      "consumer writer: is refused what others use (2026-07-28)",
      "consumer writer: is refused what others use (2025-11-25)",
    ]);
  });

  it("a tool of others is reached, and complains of its arguments", async () => {
    const report = await smoke({
      call: (consumer, name) =>
        consumer === "reader" && name === "notes__write"
          ? { isError: true, content: [{ type: "text", text: "Invalid arguments: text is missing" }] }
          : sound.call(consumer, name, {}),
    });
    expect(failures(report)).toEqual(
      inBothEras(
        "consumer reader: is refused what others use",
        'notes__write (used by writer) was not refused: it answered "Invalid arguments: text is missing"',
      ),
    );
  });

  it("a tool answers that it failed, and its error holds secrets", async () => {
    const leaked =
      "401 from https://bot:hunter2@api.example.com, Authorization: Bearer abc.def, apiKey=k-1, writer-token";
    const report = await smoke({
      call: (consumer, name) =>
        name === "notes__write" && consumer === "writer"
          ? { isError: true, content: [{ type: "text", text: `${leaked} ${"and so on ".repeat(50)}` }] }
          : sound.call(consumer, name, {}),
    });
    expect(failures(report)).toEqual(
      inBothEras(
        "consumer writer: calls notes__write",
        expect.stringMatching(/^the tool says that it failed: ".{100,119}…"$/),
      ),
    );
    expect(JSON.stringify(report)).not.toMatch(/hunter2|abc\.def|k-1|writer-token/);
  });

  it("a result lacks what is expected", async () => {
    const report = await smoke({ read: (uri) => ({ contents: [{ uri, text: "milk" }] }) });
    expect(failures(report)).toEqual(
      inBothEras(
        "consumer reader: reads note:///shopping",
        expect.stringContaining('"honey" is not in its result'),
      ),
    );
  });

  it("a resource is empty", async () => {
    const report = await smoke({ read: () => ({ contents: [] }) });
    expect(failures(report)).toEqual(
      inBothEras("consumer reader: reads note:///shopping", "is empty: no contents came"),
    );
  });

  it("anybody may come in without a token, through the door of one era", async () => {
    const report = await smoke({
      authenticate: (token, method) =>
        token === undefined && method === "initialize" ? "reader" : sound.authenticate(token, method),
    });
    expect(failures(report)).toEqual({
      "gateway edge: refuses a request without a token":
        "initialize (2025-11-25) was answered with HTTP 200 instead of 401",
    });
  });

  it("any token will do", async () => {
    const report = await smoke({
      authenticate: (token, method) =>
        token?.startsWith("wrong") ? "reader" : sound.authenticate(token, method),
    });
    expect(Object.keys(failures(report))).toEqual(["gateway edge: refuses a wrong token"]);
  });

  it.each([
    ["no challenge", undefined, "HTTP 401, but without a WWW-Authenticate header (2026-07-28)"],
    [
      "another scheme",
      'Basic realm="x"',
      expect.stringContaining("its WWW-Authenticate is no Bearer challenge"),
    ],
  ])("a refusal with %s", async (_, challenge, reason) => {
    const report = await smoke({
      authenticate(token, method) {
        if (token !== undefined) return sound.authenticate(token, method);
        return new Response("{}", {
          status: 401,
          headers: challenge ? { "www-authenticate": challenge } : {},
        });
      },
    });
    expect(failures(report)).toEqual({ "gateway edge: refuses a request without a token": reason });
  });

  it("a server is down behind a gateway that works", async () => {
    const servers = {
      notes: { status: "up", tools: 2 },
      clock: { status: "down", reason: "exited with code 3" },
    };
    const report = await smoke({ health: () => ({ status: "degraded", servers }) }, { deadlineMs: 4_000 });
    expect(failures(report)).toEqual({
      "server clock: is up behind the gateway": 'down: "exited with code 3"',
    });
  });

  it("a server is not what was declared", async () => {
    const servers = {
      notes: { status: "up", missing: ["write"] },
      clock: { status: "up", reason: "too old" },
    };
    const report = await smoke({ health: () => ({ servers }) }, { deadlineMs: 4_000 });
    expect(failures(report)).toEqual({
      "server clock: is up behind the gateway": 'up, but "too old"',
      "server notes: is up behind the gateway": "up, but lacks tools that are declared: write",
    });
  });

  it("the gateway runs with yesterday's configuration", async () => {
    const report = await smoke({ health: () => ({ servers: { notes: { status: "up" } } }) });
    expect(failures(report)).toEqual({
      "server clock: is up behind the gateway": expect.stringContaining("does not name it"),
    });
  });

  it("nothing of a server reaches those who use it", async () => {
    const report = await smoke({
      tools: (consumer) => sound.tools(consumer).filter((name) => !name.startsWith("clock")),
    });
    expect(failures(report)).toEqual({
      ...inBothEras("consumer reader: sees exactly its tools", "missing: clock__now"),
      "server clock: its tools reach who uses it": "no tool of it is seen by reader",
    });
  });

  it("it is slower than its objective", async () => {
    const report = await smoke(
      {},
      { model: { ...model, gateway: { ...gatewayOf(), objectives: { availability: 0.99, p95: 0.001 } } } },
    );
    expect(failures(report)).toEqual({ "gateway edge: p95 is at most 0 ms": expect.stringMatching(/^p95 /) });
  });

  it("a call hangs until the deadline, and no check is lost", async () => {
    const whole = (await smoke()).checks.map(({ subject, check }) => `${subject}: ${check}`);
    const report = await smoke({ call: () => new Promise(() => {}) }, { deadlineMs: 1_000 });
    expect(report.checks.map(({ subject, check }) => `${subject}: ${check}`)).toEqual(whole);
    expect(failures(report)).toMatchObject({
      ...inBothEras("consumer reader: calls notes__read", "not finished within the deadline of 1 s"),
      ...inBothEras("consumer reader: calls clock__now", "not checked: the deadline of 1 s was over before"),
    });
    expect(Date.parse(report.finishedAt) - Date.parse(report.startedAt)).toBeLessThan(2_500);
  });

  it("a consumer's token wasn't handed over", async () => {
    const report = await smoke({}, { tokens: { reader: "reader-token" } });
    const reasons = new Set(Object.values(failures(report)));
    expect([...reasons]).toEqual(["not checked: no token of this consumer was handed to the smoke test"]);
    expect(Object.keys(failures(report)).every((name) => name.startsWith("consumer writer"))).toBe(true);
  });
});

const gatewayOf = () => {
  if (!model.gateway) throw new Error("the model has no gateway");
  return model.gateway;
};
