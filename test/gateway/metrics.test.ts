import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { ToolNames } from "../../gateway/metrics/tool-names.ts";
import { Metrics } from "../../gateway/metrics.ts";
import { callMessage, consumer, Fixture, type Program, post, rawServer, tools } from "./fixture.ts";
import { metricsPage } from "./metrics-page.ts";

const fixture = new Fixture();
let gateway: Program & { origin: string };

beforeAll(async () => {
  const bridge = fixture.bridge("raw", rawServer("stdio"));
  await bridge.logged("listening");
  const server = { url: "http://localhost/mcp", socket: bridge.socket, timeoutMs: 2000 };
  gateway = await fixture.gateway({
    servers: [
      { ...server, name: "raw" },
      { ...server, name: "spare" },
      { ...server, name: "narrow", resilience: { concurrency: { calls: 1, queue: 5, waitMs: 1000 } } },
    ],
    failover: [{ primary: "raw", standby: ["spare"], mode: "standby" }],
    consumers: [consumer("agent", { tools: [...tools("raw"), ...tools("narrow")] })],
  });
  await fetch(`${gateway.origin}/health`); // waits for the first check of each
});
afterAll(() => fixture.close());

const agent = { authorization: "Bearer agent-token" };
const call = (tool: string, args = {}) => post(gateway.origin, callMessage(`raw__${tool}`, args), agent);
const scrape = async () => (await fetch(`${gateway.origin}/metrics`)).text();
const read = async (series: string) => {
  const line = (await scrape()).split("\n").find((each) => each.startsWith(`${series} `));
  return line === undefined ? undefined : Number(line.slice(series.length + 1));
};

describe("however much callers make up", () => {
  test("there are no more series for it", async () => {
    const seriesAfter = async (round: number) => {
      await call(`made-up-${round}`);
      await post(gateway.origin, { jsonrpc: "2.0", id: 1, method: `made/up-${round}` }, agent);
      await post(gateway.origin, callMessage(`nowhere-${round}__x`), agent);
      await post(gateway.origin, callMessage("raw__seen"), { authorization: `Bearer made-up-${round}` });
      const series = (await scrape()).split("\n").filter((line) => line !== "" && !line.startsWith("#"));
      expect(series.join("\n")).not.toContain("made-up");
      return series.map((line) => line.slice(0, line.lastIndexOf(" "))).sort();
    };
    const first = await seriesAfter(0);
    for (let round = 1; round < 5; round++) expect(await seriesAfter(round)).toEqual(first);
  });

  test("nor for all the tools of a server that makes up new ones", () => {
    const names = new ToolNames();
    for (let n = 0; n < 1000; n++) expect(names.of("dynamic", `query-${n}`, true)).toBe(`query-${n}`);
    expect(names.of("dynamic", "query-1000", true)).toBe("other");
    expect(names.of("dynamic", "query-7", true)).toBe("query-7");
    expect(names.of("honest", "search", true)).toBe("search");
    expect(names.of("honest", "unlisted", false)).toBe("other");
  });
});

describe("from the start", () => {
  test.each([
    'mcp_gateway_retries_total{server="raw"}',
    'mcp_gateway_rejected_total{server="raw",reason="queue_full"}',
    'mcp_gateway_failovers_total{server="raw",member="spare"}',
    'mcp_gateway_auth_failures_total{reason="wrong_audience"}',
  ])("%s is 0, so that its first event is one", async (series) => {
    expect(await read(series)).toBe(0);
  });
});

describe("what is measured", () => {
  test("how long calls waited for their turn, of those that had to", async () => {
    const slow = () => post(gateway.origin, callMessage("narrow__slow", { ms: 60 }), agent);
    await Promise.all([slow(), slow()]);
    expect(await read('mcp_gateway_queue_seconds_count{server="narrow"}')).toBe(1);
    expect(await read('mcp_gateway_queue_seconds_sum{server="narrow"}')).toBeGreaterThan(0.03);
  });

  test("what the process takes", async () => {
    const memory = (await read("process_resident_memory_bytes")) ?? 0;
    expect(memory).toBeGreaterThan(20e6);
    const started = (await read("process_start_time_seconds")) ?? 0;
    expect(Math.abs(Date.now() / 1000 - started)).toBeLessThan(120);
    const before = (await read("process_cpu_seconds_total")) ?? 0;
    for (let n = 0; n < 20; n++) await call("seen");
    expect(await read("process_cpu_seconds_total")).toBeGreaterThan(before);
    expect(await read("mcp_gateway_event_loop_busy_seconds_total")).toBeGreaterThan(0);
  });
});

/** `npx vitest run test/gateway/metrics.test.ts --update` writes the page anew. */
test("docs/metrics.md has every metric", async () => {
  await expect(await metricsPage(new Metrics())).toMatchFileSnapshot("../../docs/metrics.md");
});
