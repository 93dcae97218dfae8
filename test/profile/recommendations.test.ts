import { describe, expect, test } from "vitest";
import type { IntegrationModel } from "../../components/model/index.ts";
import { serverSchema } from "../../components/model/server.ts";
import type { Level, ListFigures, ToolFigures } from "../../profile/figures.ts";
import { recommend } from "../../profile/recommendations/index.ts";
import { asDuration } from "../../profile/recommendations/recommendation.ts";
import { exampleModel } from "../example-model.ts";

/** So many clients, and how long a call took them; each gets its next call when the last has ended. */
function level(clients: number, p50: number, facts: Partial<Level> = {}): Level {
  const rate = (clients * 1000) / p50;
  const failed = { timeout: 0, bound: 0, other: 0, ...facts.failed };
  return { clients, calls: 1000, rate, p50, p95: p50 * 1.2, p99: p50 * 1.5, ...facts, failed };
}

const searched = (...levels: Level[]): ToolFigures => ({
  server: "code",
  tool: "search",
  name: "code__search",
  levels,
  distribution: [],
});

type ServerArgs = Omit<Parameters<typeof serverSchema.parse>[0] & object, "name">;

/** What is recommended for a server `code`, as `subject: change`. */
function recommended(
  server: ServerArgs,
  measured: { levels?: Level[]; lists?: ListFigures[] },
  clients = 1,
): string[] {
  const model: IntegrationModel = {
    ...exampleModel(),
    servers: [serverSchema.parse({ name: "code", http: { image: "code@sha256:0", port: 80 }, ...server })],
  };
  const tools = measured.levels ? [searched(...measured.levels)] : [];
  const measurements = { tools, lists: measured.lists ?? [], skipped: [] };
  return recommend({ model, measurements, clients }).map(({ subject, change }) => `${subject}: ${change}`);
}

describe("timeout", () => {
  const cases: [string, string, Level[], string[]][] = [
    ["fits", "1s", [level(1, 100)], []],
    [
      "is too near to slow calls",
      "1s",
      [level(1, 400)],
      ['code__search: perTool: { search: { timeout: "2s" } }'],
    ],
    [
      "cuts calls off",
      "1s",
      [level(1, 300, { failed: { timeout: 2, bound: 0, other: 0 } })],
      ['code__search: perTool: { search: { timeout: "2s" } }'],
    ],
    [
      "lets callers wait for nothing",
      "5m",
      [level(1, 10)],
      ['code__search: perTool: { search: { timeout: "2s" } }'],
    ],
    ["is long, but so are slow calls", "30s", [level(1, 2_000)], []],
  ];
  test.each(cases)("%s", (_, timeout, levels, wanted) => {
    const found = recommended({ timeout, resilience: { concurrency: false } }, { levels });
    expect(found.map((each) => each.replaceAll('"search"', "search"))).toEqual(wanted);
  });
});

/** None of its calls came through, so there is no time to measure. */
const silent = level(1, 1, {
  rate: 0,
  p50: 0,
  p95: 0,
  p99: 0,
  failed: { timeout: 0, bound: 0, other: 1_000 },
});

test("nothing is recommended for a tool that never succeeded", () => {
  expect(recommended({ timeout: "5m" }, { levels: [silent] })).toEqual([]);
});

test("a number of clients by which no call succeeded says nothing of times", () => {
  const levels = [level(1, 2_000), { ...silent, clients: 2 }];
  expect(recommended({ timeout: "30s", resilience: { concurrency: false } }, { levels }, 2)).toEqual([]);
});

describe("timeouts of a server's tools", () => {
  const tool = (name: string, ...levels: Level[]): ToolFigures => ({
    ...searched(...levels),
    tool: name,
    name: `code__${name}`,
  });
  const own = (name: string, timeout = "2s") =>
    `code__${name}: perTool: { "${name}": { timeout: "${timeout}" } }`;
  const a = tool("a", level(1, 10));
  const b = tool("b", level(1, 12));
  const cases: [string, ServerArgs, ToolFigures[], string[], string[]][] = [
    ["are the server's where they are the same", {}, [a, b], [], ['code: timeout: "2s"']],
    ["are the one tool's that was measured", {}, [a], [], [own("a")]],
    ["differ", {}, [a, tool("b", level(1, 1_000))], [], [own("a"), own("b", "5s")]],
    ["are right for some", { timeout: "5m" }, [a, tool("b", level(1, 50_000))], [], [own("a")]],
    ["are not known of all, since one was not called", {}, [a, b], ["code__c"], [own("a"), own("b")]],
    [
      "are not known of all, since one never succeeded",
      {},
      [a, b, tool("c", silent)],
      [],
      [own("a"), own("b")],
    ],
    ["are the same, whatever another server's tools are", {}, [a, b], ["web__c"], ['code: timeout: "2s"']],
    ["are a tool's own already", { perTool: { a: { timeout: "4m" } } }, [a, b], [], [own("a"), own("b")]],
  ];
  test.each(cases)("%s", (_, server, measured, names, wanted) => {
    const given = { timeout: "5m", resilience: { concurrency: false }, ...server } as const;
    const skipped = names.map((name) => ({ name, reason: "may change something" }));
    const model: IntegrationModel = {
      ...exampleModel(),
      servers: [serverSchema.parse({ name: "code", http: { image: "code@sha256:0", port: 80 }, ...given })],
    };
    const found = recommend({ model, measurements: { tools: measured, lists: [], skipped }, clients: 1 });
    expect(found.map(({ subject, change }) => `${subject}: ${change}`)).toEqual(wanted);
  });
});

describe("bound of concurrent calls", () => {
  const bound = (calls: number) => ({ timeout: "2s", resilience: { concurrency: { calls } } });
  test("is raised when calls were turned away", () => {
    const levels = [level(1, 50), level(8, 60, { failed: { timeout: 0, bound: 40, other: 0 } })];
    expect(recommended(bound(4), { levels })).toEqual(["code: resilience: { concurrency: { calls: 16 } }"]);
  });
  test("is raised when calls wait for their turn although the server could serve them", () => {
    const levels = [level(1, 50), level(2, 50), level(4, 100)];
    expect(recommended(bound(2), { levels })).toEqual(["code: resilience: { concurrency: { calls: 8 } }"]);
  });
  test("is lowered to twice what the server ever has at once, by Little's law", () => {
    const levels = [level(1, 50), level(2, 50), level(4, 100), level(8, 205)];
    expect(recommended(bound(1_000), { levels })).toEqual([
      "code: resilience: { concurrency: { calls: 4 } }",
    ]);
  });
  test("stays while nobody knows where the server ends", () => {
    expect(recommended(bound(64), { levels: [level(1, 50), level(2, 50), level(4, 50)] })).toEqual([]);
  });
});

describe("replicas", () => {
  const server = { timeout: "20s", resilience: { concurrency: false }, replicas: 2 };
  // The example's objective is a p95 of 800 ms; times double with the clients, as at a server that does one at a time.
  const levels = [level(1, 250), level(2, 500), level(4, 1_000), level(8, 2_000)];
  test("are as many times more as there are clients too many", () => {
    expect(recommended(server, { levels }, 8)).toEqual(["code: replicas: 8"]);
  });
  test("are enough for as few clients as they hold the objective for", () => {
    expect(recommended(server, { levels }, 2)).toEqual([]);
  });
  test("would not help where already one call alone is too slow", () => {
    expect(recommended(server, { levels: [level(1, 1_000), level(2, 1_000)] }, 2)).toEqual([]);
  });
  test("are nobody's to give to a server that runs elsewhere", () => {
    const remote = { http: undefined, remote: { url: "https://code.example.com/mcp" } };
    expect(
      recommended({ ...remote, timeout: "60s", resilience: { concurrency: false } }, { levels }, 8),
    ).toEqual([]);
  });
});

describe("retries and breaker", () => {
  const failing = (other: number) => [level(1, 100, { failed: { timeout: 0, bound: 0, other } })];
  const resilience = { concurrency: false, retry: false, circuitBreaker: false } as const;
  test("a call that fails now and then is tried again", () => {
    expect(recommended({ timeout: "2s", resilience }, { levels: failing(50) })).toEqual([
      "code: resilience: { retry: { attempts: 3 } }",
    ]);
  });
  test("a breaker does not open by chance", () => {
    // One in five fails: five in a row come eleven times an hour at ten calls a second.
    const own = { ...resilience, retry: undefined, circuitBreaker: { failures: 5 } };
    expect(recommended({ timeout: "2s", resilience: own }, { levels: failing(200) })).toEqual([
      "code: resilience: { circuitBreaker: { failures: 7 } }",
    ]);
  });
  test("a server that fails always needs no setting but a repair", () => {
    expect(recommended({ timeout: "2s", resilience }, { levels: failing(1_000) })).toEqual([]);
  });
});

test.each<[string, Partial<ListFigures>, string[]]>([
  ["small", {}, []],
  ["large, and all of it wanted by name", { bytes: 100_000, wildcard: false }, []],
  [
    "large, because all of a server is used",
    { bytes: 100_000 },
    ['agent: uses: [server.tool("name"), …] in place of server.tool("*")'],
  ],
  ["slow", { p50: 900 }, ['agent: uses: [server.tool("name"), …] in place of server.tool("*")']],
])("a list that is %s", (_, facts, wanted) => {
  const list = { consumer: "agent", tools: 10, bytes: 4_000, p50: 5, wildcard: true, ...facts };
  expect(recommended({}, { lists: [list] })).toEqual(wanted);
});

test("every recommendation says which figures it follows from", () => {
  const model = {
    ...exampleModel(),
    servers: [serverSchema.parse({ name: "code", http: { image: "x@sha256:0", port: 80 }, timeout: "1s" })],
  };
  const measurements = { tools: [searched(level(1, 400))], lists: [], skipped: [] };
  const [found] = recommend({ model, measurements, clients: 1 });
  expect(found?.because).toBe("p99 is 600 ms with 1 at once, and the timeout only 1 s");
});

test.each([
  [40, "50ms"],
  [420, "450ms"],
  [1_800, "2s"],
  [150_000, "3m"],
])("%d ms are written as a duration that people write", (milliseconds, wanted) => {
  expect(asDuration(milliseconds)).toBe(wanted);
});
