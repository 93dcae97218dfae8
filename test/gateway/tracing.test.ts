import { afterAll, beforeAll, describe, expect, test } from "vitest";
import {
  callMessage,
  consumer,
  Fixture,
  jsonLines,
  type Program,
  post,
  rawServer,
  rpc,
  tools,
  until,
} from "./fixture.ts";
import { FlakyServer } from "./flaky-server.ts";
import { OtlpReceiver, type ReceivedSpan } from "./otlp-receiver.ts";

const fixture = new Fixture();
const collector = new OtlpReceiver();
const agent = { authorization: "Bearer agent-token" };
/** OpenTelemetry's own variable: tests don't wait five seconds for a delivery. */
const promptly = { OTEL_BSP_SCHEDULE_DELAY: "50" };

type Gateway = Program & { origin: string };
let tracing: { endpoint: string; ratio: number };
let socket: string;
let recording: Gateway;
let passing: Gateway;

const start = (settings?: { endpoint: string; ratio: number }) =>
  fixture.gateway(
    {
      servers: [{ name: "raw", url: "http://localhost/mcp", socket, timeoutMs: 500 }],
      consumers: [consumer("agent", { tools: tools("raw") })],
      ...(settings && { tracing: settings }),
    },
    promptly,
  );

beforeAll(async () => {
  tracing = { endpoint: await collector.listen(), ratio: 1 };
  const bridge = fixture.bridge("raw", rawServer("stdio"));
  await bridge.logged("listening");
  socket = bridge.socket;
  [recording, passing] = await Promise.all([start(tracing), start()]);
});
afterAll(async () => {
  await fixture.close();
  collector.close();
});

/** A caller's place in a trace, with ids that no other test has. */
let traces = 0;
function callersTrace(flags = "01") {
  const traceId = `${++traces}`.padStart(32, "a");
  const spanId = "b".repeat(16);
  return { traceId, spanId, traceparent: `00-${traceId}-${spanId}-${flags}` };
}

const call = (gateway: Gateway, tool: string, meta = {}, headers = {}, args = {}) => {
  const message = callMessage(`raw__${tool}`, args);
  const params = { ...message.params, _meta: meta };
  return post(gateway.origin, { ...message, params }, { ...agent, ...headers });
};

/** The `_meta` that the stdio server behind the bridge got. */
async function seenBy(answer: Promise<Response>): Promise<Record<string, unknown>> {
  const { result } = await rpc(answer);
  return JSON.parse(result?.content?.[0]?.text ?? "{}")._meta ?? {};
}

const spansOf = (traceId: string, count: number) =>
  until(() => {
    const spans = collector.of(traceId);
    return spans.length >= count ? spans : undefined;
  });

const parts = (spans: readonly ReceivedSpan[]) => ({
  server: spans.find(({ kind }) => kind === "server"),
  clients: spans.filter(({ kind }) => kind === "client"),
});

describe("one trace, from the client through gateway and bridge to the server", () => {
  test("each is the part of the one before", async () => {
    const { traceId, spanId, traceparent } = callersTrace();
    const seen = await seenBy(
      call(recording, "seen", { traceparent, tracestate: "vendor=1", baggage: "team=support" }),
    );
    const { server, clients } = parts(await spansOf(traceId, 2));
    expect(server).toMatchObject({
      name: "tools/call raw__seen",
      parentSpanId: spanId,
      service: "edge",
      attributes: {
        "mcp.method.name": "tools/call",
        "gen_ai.operation.name": "execute_tool",
        "gen_ai.tool.name": "raw__seen",
        "mcp_infra.consumer": "agent",
        "mcp_infra.server": "raw",
        "mcp_infra.outcome": "ok",
      },
    });
    expect(clients).toMatchObject([
      {
        name: "tools/call seen",
        parentSpanId: server?.spanId,
        attributes: { "gen_ai.tool.name": "seen", "mcp_infra.server": "raw" },
      },
    ]);
    expect(seen).toEqual({
      traceparent: `00-${traceId}-${clients[0]?.spanId}-01`,
      tracestate: "vendor=1",
      baggage: "team=support",
    });
  });

  test("the headers of the HTTP request do, when the request says nothing", async () => {
    const { traceId, spanId, traceparent } = callersTrace();
    const seen = await seenBy(call(recording, "seen", {}, { traceparent }));
    const { server, clients } = parts(await spansOf(traceId, 2));
    expect(server?.parentSpanId).toBe(spanId);
    expect(seen.traceparent).toBe(`00-${traceId}-${clients[0]?.spanId}-01`);
  });

  test("when they differ, the request's own counts, and the other is linked", async () => {
    const own = callersTrace();
    const ofHttp = callersTrace();
    await call(recording, "seen", { traceparent: own.traceparent }, { traceparent: ofHttp.traceparent });
    const { server } = parts(await spansOf(own.traceId, 2));
    expect(server).toMatchObject({ parentSpanId: own.spanId, links: [ofHttp.traceId] });
    expect(collector.of(ofHttp.traceId)).toEqual([]);
  });

  test("a list asks each server in the same trace", async () => {
    const { traceId, traceparent } = callersTrace();
    const list = { jsonrpc: "2.0", id: 1, method: "tools/list", params: { _meta: { traceparent } } };
    await post(recording.origin, list, agent);
    const { server, clients } = parts(await spansOf(traceId, 3));
    expect(server?.name).toBe("tools/list");
    // This server has two pages.
    expect(clients.map(({ name }) => name)).toEqual(["tools/list", "tools/list"]);
  });

  test("without one of the caller's a trace begins here", async () => {
    const seen = await seenBy(call(recording, "seen"));
    const traceId = String(seen.traceparent).slice(3, 35);
    const { server, clients } = parts(await spansOf(traceId, 2));
    expect(server?.parentSpanId ?? "").toBe("");
    expect(clients[0]?.parentSpanId).toBe(server?.spanId);
  });

  test("the audit log names trace and request", async () => {
    const { traceId, traceparent } = callersTrace();
    const answer = await call(recording, "seen", { traceparent });
    const line = await until(() =>
      jsonLines(recording.stdout()).find((each) => each.audit && each.traceId === traceId),
    );
    expect(line).toMatchObject({ tool: "seen", requestId: answer.headers.get("x-request-id") });
  });
});

describe("a server that breaks off in the middle of a call", () => {
  const flaky = new FlakyServer();
  let gateway: Gateway;

  beforeAll(async () => {
    const url = await flaky.listen();
    const resilience = { retry: { attempts: 3, backoffMs: 5, maxBackoffMs: 10 } };
    const perTool = { seen: { repeatable: true } };
    gateway = await fixture.gateway(
      {
        servers: [
          { name: "flaky", url, timeoutMs: 5000, resilience, perTool },
          { name: "alone", url, timeoutMs: 5000, resilience, perTool },
          { name: "spare", url: "http://localhost/mcp", socket, timeoutMs: 5000, perTool },
        ],
        failover: [{ primary: "flaky", standby: ["spare"], mode: "standby" }],
        consumers: [consumer("agent", { tools: [...tools("flaky"), ...tools("alone")] })],
        tracing,
      },
      promptly,
    );
    await fetch(`${gateway.origin}/health`);
  });
  afterAll(() => flaky.close());

  const callOf = async (server: string) => {
    const { traceId, traceparent } = callersTrace();
    const message = callMessage(`${server}__seen`);
    const params = { ...message.params, _meta: { traceparent } };
    const answer = await rpc(post(gateway.origin, { ...message, params }, agent));
    const spans = await spansOf(traceId, 3);
    return { answer, ...parts(spans) };
  };
  const attempts = (clients: readonly ReceivedSpan[]) =>
    clients.map(({ attributes, error }) => [
      attributes["mcp_infra.server"],
      attributes["mcp_infra.attempt"],
      error === undefined ? "ok" : attributes["error.type"],
    ]);

  test("each attempt is a part of the one request, which the standby serves in the end", async () => {
    flaky.breakOff = 1;
    const { server, clients } = await callOf("flaky");
    expect(attempts(clients)).toEqual([
      ["flaky", 1, "unavailable"],
      ["spare", 2, "ok"],
    ]);
    expect(clients.every(({ parentSpanId }) => parentSpanId === server?.spanId)).toBe(true);
    expect(server?.attributes["mcp_infra.outcome"]).toBe("ok");
  });

  test("so is each retry; the server gets the context of its own in the headers, too", async () => {
    flaky.breakOff = 1;
    flaky.seen.length = 0;
    const { clients } = await callOf("alone");
    expect(attempts(clients)).toEqual([
      ["alone", 1, "unavailable"],
      ["alone", 2, "ok"],
    ]);
    const contexts = clients.map(({ traceId, spanId }) => `00-${traceId}-${spanId}-01`);
    expect(flaky.seen).toEqual(contexts.map((context) => ({ header: context, meta: context })));
  });
});

describe("what went wrong", () => {
  test.each([
    ["a tool that says so", "fail", {}, "tool_error", "tool_error"],
    ["a server's own error", "explode", {}, "-32050", "protocol_error"],
    ["no answer in time", "slow", { ms: 5000 }, "timeout", "timeout"],
  ])("%s", async (_, tool, args, type, outcome) => {
    const { traceId, traceparent } = callersTrace();
    await call(recording, tool, { traceparent }, {}, args);
    const { server, clients } = parts(await spansOf(traceId, 2));
    expect(clients[0]).toMatchObject({ attributes: { "error.type": type }, error: expect.anything() });
    expect(server).toMatchObject({
      attributes: { "mcp_infra.outcome": outcome },
      error: expect.anything(),
    });
  });

  test("no argument, result, token or word of a server is in any span", async () => {
    const { traceId, traceparent } = callersTrace();
    await call(recording, "explode", { traceparent }, {}, { password: "hunter2-in-arguments" });
    await spansOf(traceId, 2);
    expect(collector.text).not.toMatch(/hunter2|sk-upstream|exploded|agent-token|it failed/);
  });
});

describe("who decides what is recorded", () => {
  test("a caller that does not record is told on, and not recorded", async () => {
    const quiet = callersTrace("00");
    const loud = callersTrace();
    const seen = await seenBy(call(recording, "seen", { traceparent: quiet.traceparent }));
    expect(seen.traceparent).toMatch(new RegExp(`^00-${quiet.traceId}-[0-9a-f]{16}-00$`));
    await call(recording, "seen", { traceparent: loud.traceparent });
    await spansOf(loud.traceId, 2);
    expect(collector.of(quiet.traceId)).toEqual([]);
  });

  test("with a share of 0 only callers' own traces are", async () => {
    const gateway = await start({ ...tracing, ratio: 0 });
    const own = callersTrace();
    const seen = await seenBy(call(gateway, "seen"));
    expect(seen.traceparent).toMatch(/-00$/);
    await call(gateway, "seen", { traceparent: own.traceparent });
    await spansOf(own.traceId, 2);
    expect(collector.of(String(seen.traceparent).slice(3, 35))).toEqual([]);
  });

  test.each([
    ["no context", "garbage"],
    ["one with more than its version has", `00-${"a".repeat(32)}-${"b".repeat(16)}-01-00`],
    ["one of a version that there can't be", `ff-${"a".repeat(32)}-${"b".repeat(16)}-01`],
    ["ids of zeros", `00-${"0".repeat(32)}-${"b".repeat(16)}-01`],
    ["one that goes on for ever", `00-${"a".repeat(32)}-${"b".repeat(16)}-01-${"x".repeat(5000)}`],
  ])("%s begins a new trace", async (_, traceparent) => {
    const seen = await seenBy(call(recording, "seen", {}, { traceparent }));
    expect(seen.traceparent).toMatch(/^00-[0-9a-f]{32}-[0-9a-f]{16}-01$/);
    expect(seen.traceparent).not.toContain("a".repeat(32));
  });
});

describe("a gateway without tracing", () => {
  test("passes the caller's context on as it is, also from headers", async () => {
    const { traceparent } = callersTrace();
    expect(await seenBy(call(passing, "seen", {}, { traceparent, tracestate: "v=1" }))).toEqual({
      traceparent,
      tracestate: "v=1",
    });
    expect(await seenBy(call(passing, "seen", { traceparent }))).toEqual({ traceparent });
  });

  test("adds nothing of its own", async () => {
    expect(await seenBy(call(passing, "seen"))).toEqual({});
  });
});

describe("a collector that is not there", () => {
  test("harms no call, is reported once, and gets what comes when it is back", async () => {
    const late = new OtlpReceiver();
    const endpoint = await late.listen();
    late.status = 400;
    const gateway = await start({ endpoint, ratio: 1 });
    for (let round = 0; round < 3; round++) {
      expect(await seenBy(call(gateway, "seen"))).toHaveProperty("traceparent");
    }
    const complaints = () => jsonLines(gateway.stdout()).filter(({ msg }) => /traces/.test(String(msg)));
    await until(() => complaints().length === 1);
    late.status = 200;
    await call(gateway, "seen");
    await until(() => late.spans.length > 0);
    expect(complaints().map(({ level }) => level)).toEqual(["warn", "info"]);
    late.close();
  });

  test("gets what is left when the gateway ends, and can't hold it up", async () => {
    const settings = { OTEL_BSP_SCHEDULE_DELAY: "60000" };
    const config = {
      servers: [{ name: "raw", url: "http://localhost/mcp", socket, timeoutMs: 500 }],
      consumers: [consumer("agent", { tools: tools("raw") })],
    };
    const flushing = await fixture.gateway({ ...config, tracing }, settings);
    const stuck = await fixture.gateway(
      { ...config, tracing: { endpoint: "http://127.0.0.1:9/v1/traces", ratio: 1 } },
      settings,
    );
    const { traceId, traceparent } = callersTrace();
    await call(flushing, "seen", { traceparent });
    await call(stuck, "seen", { traceparent });
    flushing.signal("SIGTERM");
    stuck.signal("SIGTERM");
    const began = performance.now();
    expect(await Promise.all([flushing.exit, stuck.exit])).toEqual([0, 0]);
    expect(performance.now() - began).toBeLessThan(8000);
    expect(collector.of(traceId)).toHaveLength(2);
  });
});
