import { statSync } from "node:fs";
import http from "node:http";
import { join, resolve } from "node:path";
import { afterAll, expect, test } from "vitest";
import { probe } from "../../gateway/probe.ts";
import { alive, Fixture, npmServer, rawServer, until } from "./fixture.ts";

const fixture = new Fixture();
afterAll(() => fixture.close());

/** A request over a Unix socket, since `fetch` knows only ports. */
function ask(
  socketPath: string,
  message: object | undefined,
  path = "/mcp",
): Promise<{ status: number; body: string }> {
  return new Promise((resolve, reject) => {
    const headers = { "content-type": "application/json", accept: "application/json, text/event-stream" };
    const request = http.request(
      { socketPath, path, method: message ? "POST" : "GET", headers },
      (response) => {
        let body = "";
        response.setEncoding("utf8").on("data", (text) => {
          body += text;
        });
        response.on("end", () => resolve({ status: response.statusCode ?? 0, body }));
      },
    );
    request.on("error", reject).end(message && JSON.stringify(message));
  });
}
const tool = async (socket: string, name: string, args = {}) => {
  const answer = await ask(socket, {
    jsonrpc: "2.0",
    id: "x",
    method: "tools/call",
    params: { name, arguments: args },
  });
  return JSON.parse(answer.body);
};
const url = "http://localhost/mcp";

test("a stdio server is served to both eras, as it is, on a socket for this user alone", async () => {
  const bridge = fixture.bridge("raw", rawServer("stdio"), ["--request-timeout", "500"], {
    RAW_SERVER_NOTE: "passed on",
  });
  await bridge.logged("listening");
  expect(statSync(bridge.socket).mode & 0o777).toBe(0o600);
  expect(bridge.stderr()).toContain("[raw] raw server, environment: passed on\n");
  expect(bridge.stderr()).toContain("this line is no message");
  expect(await probe({ url, socket: bridge.socket, timeoutMs: 2000 })).toMatchObject({
    ok: true,
    era: "modern",
    name: "raw",
    version: "1",
  });
  const init = { protocolVersion: "2025-06-18", capabilities: {}, clientInfo: { name: "c", version: "1" } };
  const hello = await ask(bridge.socket, { jsonrpc: "2.0", id: 1, method: "initialize", params: init });
  expect(hello.body).toContain('"x-capability":{}');
  // Many at once, with the same id: each gets its own answer.
  const answers = await Promise.all([1, 2, 3].map((n) => tool(bridge.socket, "seen", { n })));
  expect(answers.map(({ id, result }) => [id, JSON.parse(result.content[0].text).arguments.n])).toEqual([
    ["x", 1],
    ["x", 2],
    ["x", 3],
  ]);
  expect((await tool(bridge.socket, "odd")).result).toEqual({
    content: [{ type: "hologram", depth: 3, "x-more": true }],
    "x-result": { kept: "yes" },
  });
  expect((await tool(bridge.socket, "explode")).error.code).toBe(-32050);
  expect((await tool(bridge.socket, "slow", { ms: 900 })).error.message).toBe(
    "The server did not answer within 500 ms",
  );
  expect((await tool(bridge.socket, "cancelled")).result.content[0].text).toBe("1");
  expect((await ask(bridge.socket, undefined, "/health")).status).toBe(200);
});

test("a server of 2026-07-28 alone is served too, and one on TCP only to this machine's names", async () => {
  const bridge = fixture.run([
    process.execPath,
    "gateway/main.ts",
    "bridge",
    "--name",
    "new",
    "--listen",
    "127.0.0.1:0",
    "--path",
    "/x",
    "--",
    ...rawServer("stdio-modern"),
  ]);
  const { port, era } = await bridge.logged("listening");
  expect(era).toBe("modern");
  expect(await probe({ url: `http://127.0.0.1:${port}/x`, timeoutMs: 2000 })).toMatchObject({
    ok: true,
    era: "modern",
  });
  const foreign = await probe({
    url: `http://127.0.0.1:${port}/x`,
    timeoutMs: 2000,
    headers: { host: "evil.example.com" },
  });
  expect(foreign).toEqual({ ok: false, reason: expect.stringContaining("403") });
});

test("when the server ends so does the bridge, with its exit code and last words", async () => {
  const bridge = fixture.bridge("dying", rawServer("stdio"));
  await bridge.logged("listening");
  expect((await tool(bridge.socket, "exit")).error.message).toContain("ended");
  expect(await bridge.exit).toBe(3);
  expect(bridge.stderr()).toContain("bridge: the server ended with exit code 3; its last lines: ");
  expect(bridge.stderr()).toContain("about to die: the reason");
  expect(await probe({ url, socket: bridge.socket, timeoutMs: 500 })).toEqual({
    ok: false,
    reason: "its socket does not exist",
  });
});

test("a killed bridge leaves no server behind, and its socket is taken over; a live one's is not", async () => {
  const bridge = fixture.bridge("killed", npmServer("filesystem", fixture.directory));
  await bridge.logged("listening");
  const second = fixture.bridge("killed", npmServer("filesystem", fixture.directory));
  expect(await second.exit).toBe(1);
  expect(second.stderr()).toContain("belongs to a bridge that is running");
  const raw = fixture.bridge("killed-too", rawServer("stdio"));
  await raw.logged("listening");
  const pid = Number((await tool(raw.socket, "pid")).result.content[0].text);
  raw.signal("SIGKILL");
  bridge.signal("SIGKILL");
  await Promise.all([raw.exit, bridge.exit]);
  await until(() => !alive(pid));
  await fixture.bridge("killed", npmServer("filesystem", fixture.directory)).logged("listening");
});

test("SIGTERM ends even a server that wants to stay", async () => {
  const bridge = fixture.bridge("deaf", rawServer("stdio-deaf"));
  await bridge.logged("listening");
  const pid = Number((await tool(bridge.socket, "pid")).result.content[0].text);
  bridge.signal("SIGTERM");
  expect(await bridge.exit).toBe(0);
  expect(alive(pid)).toBe(false);
});

test("a server that has stopped reading does not fill the bridge's memory", async () => {
  const bridge = fixture.bridge("stopped", rawServer("stdio"), ["--request-timeout", "300"]);
  await bridge.logged("listening");
  const pid = Number((await tool(bridge.socket, "pid")).result.content[0].text);
  process.kill(pid, "SIGSTOP");
  const send = () => tool(bridge.socket, "seen", { padding: "x".repeat(15_000_000) });
  const first = await Promise.all([send(), send(), send(), send(), send()]);
  expect(first.map(({ error }) => error.code)).toEqual(Array(5).fill(-32001));
  expect((await send()).error.message).toBe("The server does not read what it is sent");
  process.kill(pid, "SIGCONT");
  await until(async () => (await tool(bridge.socket, "pid")).result);
}, 20_000);

test("an answered call leaves nothing behind, however long it might have taken", async () => {
  const script = `
    import { bridgeService } from ${JSON.stringify(resolve("gateway/bridge/service.ts"))};
    const child = { async request(method, params, { signal }) {
      const stop = () => {};
      signal.addEventListener("abort", stop);
      await null;
      signal.removeEventListener("abort", stop);
      return {};
    } };
    const started = Promise.resolve({ child, negotiated: { era: "legacy" } });
    const service = bridgeService({ name: "x", started, requestTimeoutMs: 3_600_000 });
    const calls = 20_000;
    const used = async () => {
      for (let round = 0; round < 3; round++) {
        await new Promise((done) => setTimeout(done, 20));
        gc();
      }
      return process.memoryUsage().heapUsed;
    };
    const before = await used();
    for (let call = 0; call < calls; call++) {
      await service.handle({ method: "tools/call" }, { signal: new AbortController().signal });
    }
    console.log(((await used()) - before) / calls);
    process.exit();`;
  const measured = fixture.run([process.execPath, "--expose-gc", "--input-type=module", "--eval", script]);
  expect(await measured.exit).toBe(0);
  expect(Number(measured.stdout())).toBeLessThan(300); // bytes a call
});

test("faults at the start are said in a line", async () => {
  const missing = fixture.bridge("missing", ["/nowhere/no-such-command"]);
  expect(await missing.exit).toBe(127);
  expect(missing.stderr()).toBe("[missing] bridge: /nowhere/no-such-command: command not found\n");
  const mute = fixture.bridge("mute", rawServer("stdio-mute"), ["--start-timeout", "600"]);
  const long = fixture.bridge(join("x".repeat(100)), rawServer("stdio"));
  expect(await long.exit).toBe(1);
  expect(long.stderr()).toContain("choose a shorter path");
  expect(await mute.exit).toBe(1);
  expect(mute.stderr()).toContain("the server did not answer the handshake within 600 ms");
  const usage = fixture.run([process.execPath, "gateway/main.ts", "bridge", "--name", "x", "--", "true"]);
  expect(await usage.exit).toBe(64);
});

test("a probe says what it found instead of a server", async () => {
  const ask = async (handler: http.RequestListener, timeoutMs = 1000) => {
    const server = http.createServer(handler).listen(0, "127.0.0.1");
    await new Promise((done) => server.once("listening", done));
    const { port } = server.address() as { port: number };
    const result = await probe({ url: `http://127.0.0.1:${port}/mcp`, timeoutMs });
    server.closeAllConnections();
    server.close();
    return result.ok ? result : result.reason;
  };
  expect(
    await ask((_request, response) => response.writeHead(404, { "content-type": "text/html" }).end("<p>")),
  ).toBe("answers HTTP but is no MCP server: HTTP 404 text/html");
  expect(await ask((_request, response) => response.writeHead(401).end())).toContain("HTTP 401");
  expect(
    await ask((_request, response) => response.writeHead(302, { location: "/login?secret=1" }).end()),
  ).toMatch(/302.*\/login$/);
  expect(await ask((_request, response) => response.end("hello"))).toContain("no MCP server");
  expect(await ask(() => {}, 200)).toBe("no answer within 200 ms");
  expect(await probe({ url: "http://127.0.0.1:1/mcp", timeoutMs: 500 })).toEqual({
    ok: false,
    reason: "nothing listens there (connection refused)",
  });
  const session = fixture.run(rawServer("http-session"));
  const { port } = await session.logged("listening");
  expect(await probe({ url: `http://127.0.0.1:${port}/mcp`, timeoutMs: 1000 })).toMatchObject({
    ok: true,
    era: "legacy",
    name: "raw",
  });
});
