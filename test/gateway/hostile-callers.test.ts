import net from "node:net";
import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
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
import { HealthyCaller, memoryOf } from "./healthy-caller.ts";
import { HostileServer } from "./hostile-server.ts";

const fixture = new Fixture();
const healthy = new HealthyCaller();
/** Does nothing wrong here; it tells what it was asked. */
const server = new HostileServer({});
const agent = { authorization: "Bearer agent-token" };
const other = { authorization: "Bearer other-token" };
let gateway: Program & { origin: string };

beforeAll(async () => {
  const { port } = await fixture.run(rawServer("http")).logged("listening");
  const config = {
    servers: [
      { name: "raw", url: `http://127.0.0.1:${port}/mcp`, timeoutMs: 20_000 },
      { name: "plain", url: await server.listen(), timeoutMs: 5000 },
    ],
    consumers: [
      consumer("agent", {
        tools: [...tools("raw"), ...tools("plain")],
        resources: [{ server: "raw", uri: "raw://a/" }],
      }),
      consumer("other", { tools: tools("raw") }),
    ],
    sessions: { max: 200 },
  };
  // A small heap: where memory is not bounded, the gateway ends.
  gateway = await fixture.gateway(config, { NODE_OPTIONS: "--max-old-space-size=96" });
  void healthy.run(gateway.origin, "raw__seen", "other-token");
});
afterEach(() => {
  const { failures, worstMs } = healthy.report();
  expect(failures).toEqual([]);
  expect(worstMs).toBeLessThan(3000);
});
afterAll(async () => {
  healthy.stop();
  server.close();
  await fixture.close();
});

const send = (body: unknown, headers: Record<string, string> = {}) =>
  post(gateway.origin, body, { ...agent, ...headers });
const call = (name: string, args: unknown = {}) => rpc(send(callMessage(name, args)));
const deep = (levels: number) => `${"[".repeat(levels)}${"]".repeat(levels)}`;

describe("a body that is", () => {
  const message = callMessage("raw__seen");
  test.each<[string, unknown, number, number]>([
    ["no JSON", "{", 400, -32700],
    ["empty", "", 400, -32700],
    ["brackets only", "[".repeat(100_000), 400, -32700],
    ["a number", "42", 400, -32600],
    ["null", "null", 400, -32600],
    ["an empty batch", "[]", 400, -32600],
    ["a batch of nonsense", "[1,null]", 400, -32600],
    ["a batch of thousands", Array.from({ length: 5000 }, (_, id) => ({ ...message, id })), 400, -32600],
    ["a batch with one id twice", [message, message], 400, -32600],
    ["another protocol", { ...message, jsonrpc: "1.0" }, 400, -32600],
    ["without a method", { jsonrpc: "2.0", id: 1 }, 400, -32600],
    ["with an id of nested lists", `{"jsonrpc":"2.0","method":"ping","id":${deep(50_000)}}`, 400, -32600],
    ["longer than allowed", " ".repeat(5_000_000), 413, -32000],
  ])("%s", async (_, body, status, code) => {
    const answer = await send(body);
    expect(answer.status).toBe(status);
    expect((await rpc(answer)).error?.code).toBe(code);
  });

  test("no UTF-8", async () => {
    const bytes = Buffer.from(JSON.stringify(callMessage("raw__seen", { a: "\xff" })), "latin1");
    const headers = {
      ...agent,
      "content-type": "application/json",
      accept: "application/json, text/event-stream",
    };
    const answer = await fetch(`${gateway.origin}/mcp`, {
      method: "POST",
      headers,
      body: new Uint8Array(bytes),
    });
    expect(answer.status).toBe(400);
    expect((await rpc(answer)).error?.code).toBe(-32700);
  });

  test("longer than anybody would read ends with its connection", async () => {
    const before = memoryOf(gateway);
    let sent = 0;
    const endless = new ReadableStream<Uint8Array>({
      pull(controller) {
        sent += 1 << 20;
        controller.enqueue(new Uint8Array(1 << 20).fill(32));
      },
    });
    const headers = { ...agent, "content-type": "application/json" };
    const init = { method: "POST", headers, body: endless, duplex: "half" } as RequestInit;
    await fetch(`${gateway.origin}/mcp`, init).then(
      (answer) => expect(answer.status).toBe(413),
      (error) => expect(String(error.cause)).toMatch(/EPIPE|ECONNRESET|closed/),
    );
    expect(sent).toBeLessThan(64 << 20);
    expect(memoryOf(gateway) - before).toBeLessThan(150);
  });
});

test.each([
  ["arguments", {}],
  ["arguments of a call that wants progress", { _meta: { progressToken: 1 } }],
])("%s that nest too deeply are the caller's fault, not the server's", async (_, more) => {
  const message = callMessage("raw__seen");
  const body = JSON.stringify({ ...message, params: { ...message.params, ...more } });
  const text = await (await send(body.replace("{}", `{"a":${deep(20_000)}}`))).text();
  expect(text).toContain('"error":{"code":-32602,"message":"Invalid params: nested too deeply"}');
  await until(() => jsonLines(gateway.stdout()).findLast((line) => line.audit)?.outcome === "protocol_error");
});

describe("of 2026-07-28, a request whose headers say something else than its body", () => {
  const meta = {
    "io.modelcontextprotocol/protocolVersion": "2026-07-28",
    "io.modelcontextprotocol/clientCapabilities": {},
  };
  const base64 = (text: string) => `=?base64?${Buffer.from(text).toString("base64")}?=`;
  const modern = (method: string, params: object, headers: Record<string, string>) =>
    send(
      { jsonrpc: "2.0", id: 7, method, params: { ...params, _meta: meta } },
      { "mcp-protocol-version": "2026-07-28", "mcp-method": method, ...headers },
    );
  const tool = ["tools/call", { name: "raw__seen", arguments: {} }] as const;
  const resource = ["resources/read", { uri: "raw://a/1" }] as const;

  test.each<[string, readonly [string, object], Record<string, string>]>([
    ["another method", tool, { "mcp-name": "raw__seen", "mcp-method": "tools/list" }],
    ["the method in capitals", tool, { "mcp-name": "raw__seen", "mcp-method": "TOOLS/CALL" }],
    ["no method", tool, { "mcp-name": "raw__seen", "mcp-method": "" }],
    ["another tool", tool, { "mcp-name": "raw__pid" }],
    ["no tool", tool, {}],
    ["two tools", tool, { "mcp-name": "raw__seen, raw__seen" }],
    ["a tool in Base64 that is none", tool, { "mcp-name": "=?base64?cmF3X19zZWVu!?=" }],
    ["another resource", resource, { "mcp-name": "raw://a/2" }],
    ["no resource", resource, {}],
    ["an older version", tool, { "mcp-name": "raw__seen", "mcp-protocol-version": "2025-11-25" }],
    ["no version", tool, { "mcp-name": "raw__seen", "mcp-protocol-version": "" }],
  ])("%s, is refused", async (_, [method, params], headers) => {
    const answer = await modern(method, params, headers);
    expect(answer.status).toBe(400);
    expect(await rpc(answer)).toMatchObject({ id: 7, error: { code: -32020 } });
  });

  test.each([["as it is"], ["with blanks around it"], ["in Base64"]])(
    "the name %s, is served",
    async (how) => {
      const name =
        how === "in Base64" ? base64("raw__seen") : how === "as it is" ? "raw__seen" : "  raw__seen ";
      expect((await rpc(modern(...tool, { "mcp-name": name }))).result).toBeDefined();
    },
  );
});

test("names of JavaScript's own are names like others", async () => {
  for (const name of ["__proto__", "constructor", "__proto____seen", "hasOwnProperty__x"]) {
    expect((await call(name)).error?.message).toMatch(/^Not granted/);
  }
  for (const method of ["__proto__", "constructor", "toString"]) {
    expect(await (await send({ jsonrpc: "2.0", id: 1, method })).text()).toContain('"code":-32601');
  }
  const polluting = '{"__proto__":{"isError":true},"constructor":{"prototype":{"isError":true}}}';
  const body = JSON.stringify(callMessage("raw__seen")).replace("{}", polluting);
  const [content] = (await rpc(send(body))).result?.content ?? [];
  expect(content?.text).toContain(`"arguments":${polluting}`);
  expect((await call("raw__seen")).result?.isError).toBeUndefined();
});

test("no name gets into the headers, the log or the metrics as anything but a name", async () => {
  const evil = 'x\r\nx-evil: 1\r\n\r\n{"msg":"forged"}\u0000\u2028" 1\n';
  await call(`plain__${evil}`, {});
  const headers = server.asked?.headers ?? {};
  expect(server.asked?.params.name).toBe(evil);
  expect(headers["x-evil"]).toBeUndefined();
  expect(headers["mcp-name"]).toBe(`=?base64?${Buffer.from(evil).toString("base64")}?=`);
  const lines = gateway.stdout().trim().split("\n");
  expect(jsonLines(gateway.stdout())).toHaveLength(lines.length);
  expect(jsonLines(gateway.stdout()).some(({ msg }) => msg === "forged")).toBe(false);
  const metrics = await (await fetch(`${gateway.origin}/metrics`)).text();
  expect(metrics).not.toContain("evil");
});

describe("slow senders", () => {
  const open = (text: string) =>
    new Promise<net.Socket>((resolve, reject) => {
      const { port } = new URL(gateway.origin);
      const socket = net.connect(Number(port), "127.0.0.1", () => {
        socket.write(text);
        resolve(socket);
      });
      socket.on("error", reject);
    });

  test("of headers are turned away after a while, and of bodies without a token at once", async () => {
    const headers = "POST /mcp HTTP/1.1\r\nHost: 127.0.0.1\r\n";
    const sockets = await Promise.all(Array.from({ length: 300 }, () => open(headers)));
    const trickle = setInterval(() => {
      for (const socket of sockets) if (socket.writable) socket.write("X-A: b\r\n");
    }, 1000);
    const answers = sockets.map(
      (socket) => new Promise<string>((done) => socket.once("data", (data) => done(data.toString()))),
    );
    const stranger = await open(`${headers}content-type: application/json\r\ncontent-length: 1000\r\n\r\n{`);
    const refusal = await new Promise<string>((done) => stranger.once("data", (data) => done(String(data))));
    expect(refusal).toMatch(/^HTTP\/1.1 401/);
    for (const answer of await Promise.all(answers)) expect(answer).toMatch(/^HTTP\/1.1 408/);
    clearInterval(trickle);
    for (const socket of [...sockets, stranger]) socket.destroy();
  }, 30_000);
});

test("one caller's many slow calls hold up neither another caller nor the health check", async () => {
  const slow = Array.from({ length: 300 }, () => call("raw__slow", { ms: 4500 }));
  await Promise.all(slow);
  const changes = jsonLines(gateway.stdout()).filter(
    ({ msg, server }) => msg === "backend" && server === "raw",
  );
  expect(changes).toEqual([expect.objectContaining({ status: "up" })]);
}, 20_000);

describe("sessions of older clients", () => {
  const begin = async (who: Record<string, string>) => {
    const params = {
      protocolVersion: "2025-11-25",
      capabilities: { elicitation: {} },
      clientInfo: { name: "x", version: "1" },
    };
    const answer = await post(gateway.origin, { jsonrpc: "2.0", id: 1, method: "initialize", params }, who);
    await answer.text();
    return answer.headers.get("mcp-session-id") ?? "";
  };
  const ping = async (session: string, who: Record<string, string>) => {
    const headers = { ...who, "mcp-session-id": session, "mcp-protocol-version": "2025-11-25" };
    const answer = await post(gateway.origin, { jsonrpc: "2.0", id: 2, method: "ping" }, headers);
    await answer.text();
    return answer.status;
  };
  const end = (session: string, who: Record<string, string>) =>
    fetch(`${gateway.origin}/mcp`, { method: "DELETE", headers: { ...who, "mcp-session-id": session } });

  test("are their owner's alone", async () => {
    const session = await begin(agent);
    expect(await ping(session, agent)).toBe(200);
    expect(await ping(session, other)).toBe(404);
    expect((await end(session, other)).status).toBe(404);
    expect(await ping(session, agent)).toBe(200);
    expect((await end(session, agent)).status).toBe(200);
    expect(await ping(session, agent)).toBe(404);
    expect(await ping("no-such-session", agent)).toBe(404);
  });

  test("that are all in use leave room for somebody else's", async () => {
    const gone = new AbortController();
    const sessions = await Promise.all(Array.from({ length: 200 }, () => begin(agent)));
    await Promise.all(
      sessions.map(async (session) => {
        const headers = { ...agent, "mcp-session-id": session, accept: "text/event-stream" };
        const stream = await fetch(`${gateway.origin}/mcp`, { headers, signal: gone.signal });
        expect(stream.status).toBe(200);
      }),
    );
    expect(await begin(agent)).toBe("");
    expect(await ping(await begin(other), other)).toBe(200);
    gone.abort();
  });

  test("by the thousand take a bounded place, and nobody else's", async () => {
    const others = await begin(other);
    for (let round = 0; round < 50; round++) {
      await Promise.all(Array.from({ length: 50 }, () => begin(agent)));
    }
    expect(await ping(others, other)).toBe(200);
    expect(await ping(await begin(agent), agent)).toBe(200);
  }, 60_000);
});
