import http from "node:http";
import type { AddressInfo } from "node:net";
import { afterAll, beforeAll, expect, test } from "vitest";
import type { HealthReport } from "../../gateway/health.ts";
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

const fixture = new Fixture();
const agent = { authorization: "Bearer agent-token" };
let endlessList = false;
let gateway: Program & { origin: string };

/** A server that does its callers and its gateway ill. */
const hostile = http.createServer(async (request, response) => {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk);
  const { id, method, params } = JSON.parse(Buffer.concat(chunks).toString());
  const message = (content: object) => JSON.stringify({ jsonrpc: "2.0", ...content });
  const result = (content: object) => message({ id, result: { resultType: "complete", ...content } });
  const answer = (type: string, text: string) => response.writeHead(200, { "content-type": type }).end(text);
  const flood = (type: string) => {
    response.writeHead(200, { "content-type": type });
    const piece = Buffer.alloc(1 << 20, "x");
    const go = () => {
      while (!response.destroyed && response.write(piece));
      response.once("drain", go);
    };
    go();
  };
  if (method === "server/discover") {
    return answer(
      "application/json",
      result({ supportedVersions: ["2026-07-28"], capabilities: { tools: {} } }),
    );
  }
  if (method === "tools/list") {
    if (endlessList) await new Promise((done) => setTimeout(done, 700));
    return answer("application/json", result({ tools: [], ...(endlessList && { nextCursor: "more" }) }));
  }
  if (params.name === "flood") return flood("application/json");
  if (params.name === "flood-stream") return flood("text/event-stream");
  if (params.name === "wordy") {
    return response.writeHead(500, { "content-type": `x/${"y".repeat(5000)}` }).end();
  }
  const tokens = ["of-another-call", params._meta.progressToken];
  const progress = tokens.map((progressToken) =>
    message({ method: "notifications/progress", params: { progressToken, progress: 1 } }),
  );
  return answer(
    "text/event-stream",
    [...progress, result({ content: [] })].map((line) => `data: ${line}\n\n`).join(""),
  );
});

beforeAll(async () => {
  hostile.listen(0, "127.0.0.1");
  const raw = fixture.run(rawServer("http"));
  const { port } = await raw.logged("listening");
  gateway = await fixture.gateway({
    servers: [
      {
        name: "hostile",
        url: `http://127.0.0.1:${(hostile.address() as AddressInfo).port}/`,
        timeoutMs: 10_000,
      },
      { name: "raw", url: `http://127.0.0.1:${port}/mcp`, timeoutMs: 20_000 },
    ],
    consumers: [
      consumer("agent", { tools: [...tools("hostile"), ...tools("raw")] }),
      consumer("other", { tools: tools("raw") }),
    ],
  });
});
afterAll(async () => {
  hostile.closeAllConnections();
  hostile.close();
  await fixture.close();
});

const call = (name: string, args: unknown = {}, headers = agent) =>
  rpc(post(gateway.origin, callMessage(name, args), headers));

test.each(["flood", "flood-stream"])("an answer without end is cut off (%s)", async (name) => {
  expect((await call(`hostile__${name}`)).error?.message).toBe(
    'Server "hostile" is unavailable: answers with more than 33554432 bytes',
  );
});

test("what a server says of its answer is not repeated at length", async () => {
  expect((await call("hostile__wordy")).error?.message.length).toBeLessThan(250);
});

test("a caller gets the progress of its own call only", async () => {
  const message = callMessage("hostile__progress");
  const body = { ...message, params: { ...message.params, _meta: { progressToken: "mine" } } };
  const text = await (await post(gateway.origin, body, agent)).text();
  expect(text).toContain('"progressToken":"mine"');
  expect(text).not.toContain("of-another-call");
});

test("arguments that nest too deeply are the caller's fault, not the server's", async () => {
  const deep = `{"a":${"[".repeat(20_000)}${"]".repeat(20_000)}}`;
  const body = JSON.stringify(callMessage("raw__seen")).replace("{}", deep);
  expect((await rpc(post(gateway.origin, body, agent))).error).toEqual({
    code: -32602,
    message: "Invalid params: nested too deeply",
  });
  expect(jsonLines(gateway.stdout()).at(-1)).toMatchObject({ audit: true, outcome: "protocol_error" });
});

test("one caller's many slow calls hold up neither another caller nor the health check", async () => {
  const slow = Array.from({ length: 300 }, () => call("raw__slow", { ms: 4500 }));
  let answered = 0;
  for (const each of slow) void each.then(() => answered++);
  await new Promise((done) => setTimeout(done, 500));
  const other = await call("raw__seen", {}, { authorization: "Bearer other-token" });
  expect(other.result).toBeDefined();
  expect(answered).toBe(0);
  await Promise.all(slow);
  expect(
    jsonLines(gateway.stdout()).filter((line) => line.msg === "backend" && line.server === "raw"),
  ).toEqual([expect.objectContaining({ status: "up" })]);
}, 20_000);

test("a list without end does not keep its callers", async () => {
  endlessList = true;
  const list = await rpc(
    post(gateway.origin, { jsonrpc: "2.0", id: 1, method: "tools/list" }, agent).then(sse),
  );
  expect(JSON.stringify(list.result)).toContain("raw__seen");
  const reason = await until(async () => {
    const report = (await (await fetch(`${gateway.origin}/health`)).json()) as HealthReport;
    return report.servers.hostile?.reason;
  }, 15_000);
  expect(reason).toBe('Server "hostile" did not come to the end of its list within 3000 ms');
}, 25_000);

/** The last message of an event stream, as a response with JSON. */
async function sse(response: Response): Promise<Response> {
  const data = (await response.text()).split("\n").filter((line) => line.startsWith("data: "));
  return new Response(data.at(-1)?.slice("data: ".length));
}
