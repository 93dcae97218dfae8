import { once } from "node:events";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import type { HealthReport } from "../../gateway/health.ts";
import {
  callMessage,
  consumer,
  Fixture,
  type Program,
  post,
  rawServer,
  rpc,
  tools,
  until,
} from "./fixture.ts";
import { HealthyCaller, memoryOf } from "./healthy-caller.ts";
import {
  body,
  endless,
  events,
  HostileServer,
  jsonBody,
  type Misdeed,
  notification,
  question,
  result,
  unfinished,
} from "./hostile-server.ts";

const MEGABYTE = "x".repeat(1 << 20);
const DEEP = "[".repeat(50_000) + "]".repeat(50_000);
const progress = (progressToken: unknown, message = "") =>
  notification("notifications/progress", { progressToken, progress: 1, message });

/** What a server does in place of an answer, and what the caller is told. */
const MISDEEDS: Record<string, { does: Misdeed; told: RegExp }> = {
  "text that is no JSON": { does: body("application/json", "}{ no"), told: /no JSON-RPC response/ },
  "an empty body": { does: body("application/json", ""), told: /no JSON-RPC response/ },
  "a page": { does: body("text/html", "<html>"), told: /HTTP 200 text\/html/ },
  "a redirect": {
    does: (response) =>
      void response.writeHead(302, { location: "http://127.0.0.1:1/elsewhere?key=1" }).end(),
    told: /HTTP 302, a redirect to \/elsewhere;/,
  },
  "a list of nonsense": { does: body("application/json", '[1,null,"x",[]]'), told: /no JSON-RPC response/ },
  "another request's answer": { does: jsonBody(({ id }) => result(id + 1)), told: /no JSON-RPC response/ },
  "an answer with the id as text": {
    does: jsonBody(({ id }) => result(`${id}`)),
    told: /no JSON-RPC response/,
  },
  "an answer with neither result nor error": {
    does: jsonBody(({ id }) => JSON.stringify({ jsonrpc: "2.0", id })),
    told: /^no result$/,
  },
  "a result that is no object": {
    does: jsonBody(({ id }) => JSON.stringify({ jsonrpc: "2.0", id, result: "text" })),
    told: /^no result$/,
  },
  "an error of odd types": {
    does: jsonBody(({ id }) => JSON.stringify({ jsonrpc: "2.0", id, error: { code: "x", message: {} } })),
    told: /^no result$/,
  },
  "a result that is nested without end": {
    does: jsonBody(({ id }) => result(id, { deep: 0 }).replace('"deep":0', `"deep":${DEEP}`)),
    told: /nested too deeply/,
  },
  "an error that is nested without end": {
    does: jsonBody(
      ({ id }) => `{"jsonrpc":"2.0","id":${id},"error":{"code":1,"message":"x","data":${DEEP}}}`,
    ),
    told: /nested too deeply/,
  },
  "half an answer": {
    does: (response) => {
      response.writeHead(200, { "content-type": "application/json", "content-length": 1000 });
      response.write('{"jsonrpc":');
      setTimeout(() => response.destroy(), 50);
    },
    told: /unavailable/,
  },
  "half a stream": {
    does: (response) => {
      response.writeHead(200, { "content-type": "text/event-stream" });
      response.write('data: {"jsonrpc":');
      setTimeout(() => response.destroy(), 50);
    },
    told: /unavailable/,
  },
  "a stream that ends without the answer": {
    does: events(({ id }) => result(id + 1)),
    told: /ended its event stream without an answer/,
  },
  "a stream to be gone on with in half a minute": {
    does: unfinished(30_000),
    told: /did not answer within 2000 ms/,
  },
  "a stream to be gone on with again and again": {
    does: unfinished(0),
    told: /did not answer within 2000 ms/,
  },
  "a header without end": {
    does: (response) => void response.writeHead(200, { "x-long": "y".repeat(200_000) }).end(),
    told: /unavailable/,
  },
  "500 and a long type": {
    does: (response) => void response.writeHead(500, { "content-type": `x/${"y".repeat(5000)}` }).end(),
    told: /HTTP 500 x\/y{1,90};/,
  },
  nothing: { does: () => {}, told: /did not answer within 2000 ms/ },
  "one byte at a time": {
    does: endless("application/json", " ", 50),
    told: /did not answer within 2000 ms/,
  },
  "comments without end": {
    does: endless("text/event-stream", ": still here\n\n", 50),
    told: /did not answer within 2000 ms/,
  },
  "an answer without end": {
    does: endless("application/json", MEGABYTE),
    told: /more than 33554432 bytes/,
  },
  "an event without end": { does: endless("text/event-stream", MEGABYTE), told: /more than 33554432 bytes/ },
  "notifications without end": {
    does: endless("text/event-stream", `data: ${progress("of-another-call", MEGABYTE)}\n\n`),
    told: /more than 33554432 bytes/,
  },
  "questions without end": {
    does: endless("text/event-stream", `data: ${question("q", "elicitation/create", {})}\n\n`, 5),
    told: /did not answer within 2000 ms/,
  },
};

/** What a server does around a right answer; the caller gets that. */
const ODDITIES: Record<string, Misdeed> = {
  "the answer twice": events(
    ({ id }) => result(id),
    ({ id }) => result(id, { content: [{}] }),
  ),
  "another's answer first": events(
    ({ id }) => result(id + 1),
    ({ id }) => result(id),
  ),
  "bytes that are no UTF-8": (response, { id }) => {
    const text = result(id, { content: [], odd: "?" });
    body("application/json", Buffer.from(text.replace("?", "\xff\xfe"), "latin1"))(response, {} as never);
  },
  "names of JavaScript's own": jsonBody(({ id }) =>
    result(id).replace("{", '{"__proto__":{"polluted":1},"constructor":{"prototype":{"polluted":1}},'),
  ),
};

const fixture = new Fixture();
const agent = { authorization: "Bearer agent-token" };
const healthy = new HealthyCaller();
const misdeeds = Object.entries(MISDEEDS).map(([name, { does }]) => [name, does] as const);
const hostile = new HostileServer(
  Object.fromEntries([
    ...misdeeds,
    ...Object.entries(ODDITIES),
    ...[400, 404].map((status) => [`refused with ${status}`, body("text/plain", "no", status)] as const),
    [
      "progress",
      events(
        () => progress("of-another-call"),
        ({ params }) => progress(params._meta?.progressToken),
        ({ id }) => result(id),
      ),
    ],
  ]),
);
let gateway: Program & { origin: string };

beforeAll(async () => {
  const { port } = await fixture.run(rawServer("http")).logged("listening");
  gateway = await fixture.gateway({
    servers: [
      { name: "hostile", url: await hostile.listen(), timeoutMs: 2000 },
      { name: "raw", url: `http://127.0.0.1:${port}/mcp`, timeoutMs: 20_000 },
    ],
    consumers: [
      consumer("agent", { tools: [...tools("hostile"), ...tools("raw")] }),
      consumer("other", { tools: tools("raw") }),
    ],
  });
  void healthy.run(gateway.origin, "raw__seen", "other-token");
});
afterEach(() => {
  const { failures, worstMs } = healthy.report();
  expect(failures).toEqual([]);
  expect(worstMs).toBeLessThan(2000);
});
afterAll(async () => {
  healthy.stop();
  hostile.close();
  await fixture.close();
});

const call = (name: string) => rpc(post(gateway.origin, callMessage(`hostile__${name}`), agent));

describe("a server that answers a call with", () => {
  test.each(Object.keys(MISDEEDS))("%s", async (name) => {
    const { error } = await call(name);
    expect(error?.message).toMatch(MISDEEDS[name]?.told ?? "");
    expect(error?.message.length).toBeLessThan(250);
  });

  test.each(Object.keys(ODDITIES))("%s, and right", async (name) => {
    expect((await call(name)).result).toMatchObject({ content: [] });
    expect((await call("anything")).result).toMatchObject({ content: [] });
  });
});

test.each([400, 404])(
  "a call that is answered with %i, perhaps after all was done, is sent once",
  async (status) => {
    const name = `refused with ${status}`;
    const before = hostile.calls;
    expect((await call(name)).error?.message).toContain(`HTTP ${status}`);
    expect(hostile.calls - before).toBe(1);
  },
);

test("a caller gets the progress of its own call only", async () => {
  const message = callMessage("hostile__progress");
  const asking = { ...message, params: { ...message.params, _meta: { progressToken: "mine" } } };
  const text = await (await post(gateway.origin, asking, agent)).text();
  expect(text).toContain('"progressToken":"mine"');
  expect(text).not.toContain("of-another-call");
});

test("what a stream is gone on with that is no stream keeps no connection", async () => {
  const { goOn } = hostile;
  const ended = new Promise<void>((resolve) => {
    hostile.goOn = (response) => {
      response.once("close", () => resolve());
      endless("text/html", MEGABYTE)(response, {} as never);
    };
  });
  expect((await call("a stream to be gone on with again and again")).error?.message).toMatch(
    /HTTP 200 text\/html/,
  );
  await ended;
  hostile.goOn = goOn;
});

test("what many calls at once are answered without end is not kept", async () => {
  const names = ["an answer without end", "an event without end", "notifications without end"];
  const before = memoryOf(gateway);
  for (let round = 0; round < 3; round++) {
    await Promise.all(names.map((name) => call(name)));
  }
  await call("anything");
  expect(memoryOf(gateway) - before).toBeLessThan(300);
});

const list = () =>
  post(gateway.origin, { jsonrpc: "2.0", id: 1, method: "tools/list" }, agent).then((answer) =>
    answer.text(),
  );
const reason = async () => {
  const report = (await (await fetch(`${gateway.origin}/health`)).json()) as HealthReport;
  return report.servers.hostile?.reason;
};

test("a list of many large pages does not use up the memory", async () => {
  const page = JSON.stringify({
    name: "large",
    inputSchema: { type: "object" },
    description: MEGABYTE.repeat(8),
  });
  hostile.list = jsonBody(
    ({ id }) => `{"jsonrpc":"2.0","id":${id},"result":{"tools":[${page}],"nextCursor":"more"}}`,
  );
  const before = memoryOf(gateway);
  let peak = 0;
  const watch = setInterval(() => {
    peak = Math.max(peak, memoryOf(gateway));
  }, 250);
  expect(await list()).toContain("raw__seen");
  clearInterval(watch);
  expect(peak - before).toBeLessThan(500);
}, 25_000);

test("a list without end does not keep its callers", async () => {
  hostile.list = (response, { id }) =>
    void setTimeout(
      () =>
        response
          .writeHead(200, { "content-type": "application/json" })
          .end(result(id, { tools: [], nextCursor: "more" })),
      700,
    );
  expect(await list()).toContain("raw__seen");
  const found = await until(reason, 15_000);
  expect(found).toBe('Server "hostile" did not come to the end of its list within 2000 ms');
}, 25_000);

test("a list that is nested without end is left out, and the other servers' are not", async () => {
  hostile.list = jsonBody(
    ({ id }) => `{"jsonrpc":"2.0","id":${id},"result":{"tools":[{"name":"deep","inputSchema":${DEEP}}]}}`,
  );
  const answer = await list();
  expect(answer).toContain("raw__seen");
  expect(answer).toContain("answers with the JSON-RPC error -32603");
});

test("a server that never answers does not keep the gateway from ending", async () => {
  const silent = createServer(() => {}).listen(0, "127.0.0.1");
  await once(silent, "listening");
  const url = `http://127.0.0.1:${(silent.address() as AddressInfo).port}/mcp`;
  const front = await fixture.gateway({ servers: [{ name: "silent", url, timeoutMs: 20_000 }] }, {}, [
    "--drain",
    "500",
  ]);
  const since = performance.now();
  front.signal("SIGTERM");
  expect(await front.exit).toBe(0);
  expect(performance.now() - since).toBeLessThan(4000);
  silent.closeAllConnections();
  silent.close();
});
