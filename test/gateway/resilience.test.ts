import { afterAll, expect, test } from "vitest";
import type { HealthReport } from "../../gateway/health.ts";
import {
  callMessage,
  consumer,
  Fixture,
  gatewayConfig,
  jsonLines,
  post,
  rawServer,
  rpc,
  tools,
  until,
} from "./fixture.ts";

const fixture = new Fixture();
afterAll(() => fixture.close());

const health = async (origin: string) => {
  const answer = await fetch(`${origin}/health`);
  return { http: answer.status, ...((await answer.json()) as HealthReport) };
};
const call = (origin: string, name: string, args = {}) =>
  rpc(post(origin, callMessage(name, args), { authorization: "Bearer agent-token" }));

test("a dead server is known to be dead, takes nobody with it, and is back when it is back", async () => {
  const start = () => fixture.bridge("one", rawServer("stdio"));
  const first = start();
  const two = fixture.run(rawServer("http-session"));
  const { port } = await two.logged("listening");
  await first.logged("listening");
  const gateway = await fixture.gateway({
    servers: [
      { name: "one", url: "http://localhost/mcp", socket: first.socket, timeoutMs: 3000 },
      { name: "two", url: `http://127.0.0.1:${port}/mcp`, timeoutMs: 3000 },
    ],
    consumers: [consumer("agent", { tools: [...tools("one"), ...tools("two")] })],
  });
  const { origin } = gateway;
  expect(await health(origin)).toMatchObject({
    http: 200,
    status: "ok",
    servers: { one: { status: "up", tools: 9 } },
  });
  const client = await fixture.modern(origin, "agent-token");
  expect((await client.listTools()).tools).toHaveLength(18);

  first.signal("SIGKILL");
  await first.exit;
  const failed = await call(origin, "one__seen");
  expect(failed.error?.message).toBe(
    'Server "one" is unavailable: nothing listens there (connection refused)',
  );
  const down = {
    status: "degraded",
    servers: { one: { status: "down", reason: expect.any(String) }, two: { status: "up" } },
  };
  expect(
    await until(async () => (await health(origin)).status === "degraded" && health(origin)),
  ).toMatchObject({ http: 200, ...down });
  expect((await client.listTools()).tools.every((tool) => tool.name.startsWith("two__"))).toBe(true);
  expect((await call(origin, "two__seen")).result).toBeDefined();
  expect(await (await fetch(`${origin}/metrics`)).text()).toContain('mcp_gateway_backend_up{server="one"} 0');

  two.signal("SIGKILL");
  await two.exit;
  await call(origin, "two__seen");
  expect(await until(async () => (await health(origin)).status === "down" && health(origin))).toMatchObject({
    http: 503,
  });

  // Both come back as new processes: the socket file was left behind by a killed bridge, the session is forgotten.
  await start().logged("listening");
  const again = fixture.run(rawServer("http-session", String(port)));
  await again.logged("listening");
  expect((await call(origin, "one__seen")).result).toBeDefined();
  expect((await call(origin, "two__seen")).result).toBeDefined();
  expect((await client.listTools()).tools).toHaveLength(18);
  const outcomes = jsonLines(gateway.stdout())
    .map((line) => line.outcome)
    .filter(Boolean);
  expect(outcomes).toEqual(["unavailable", "ok", "unavailable", "ok", "ok"]);
});

test("many callers share one restart", async () => {
  const server = fixture.run(rawServer("http-session"));
  const { port } = await server.logged("listening");
  const gateway = await fixture.gateway({
    servers: [{ name: "raw", url: `http://127.0.0.1:${port}/mcp`, timeoutMs: 3000 }],
    consumers: [consumer("agent", { tools: tools("raw") })],
  });
  const many = () => Promise.all(Array.from({ length: 20 }, () => call(gateway.origin, "raw__pid")));
  const before = new Set((await many()).map((answer) => answer.result?.content?.[0]?.text));
  server.signal("SIGKILL");
  await server.exit;
  await fixture.run(rawServer("http-session", String(port))).logged("listening");
  const after = (await many()).map((answer) => answer.result?.content?.[0]?.text);
  expect(new Set(after).size).toBe(1);
  expect(before.has(after[0])).toBe(false);
});

test("an expected tool that a server lacks is said", async () => {
  const raw = fixture.run(rawServer("http"));
  const { port } = await raw.logged("listening");
  const gateway = await fixture.gateway({
    servers: [
      { name: "raw", url: `http://127.0.0.1:${port}/mcp`, timeoutMs: 3000, tools: ["seen", "promised"] },
    ],
    consumers: [consumer("agent", { tools: tools("raw") })],
    smokeReport: fixture.file({ passed: true, finishedAt: "2026-08-01T10:00:00.000Z" }, "smoke.json"),
  });
  expect(await health(gateway.origin)).toMatchObject({
    http: 200,
    status: "degraded",
    servers: { raw: { status: "up", reason: "missing tools: promised" } },
  });
  const scrape = async () => (await fetch(`${gateway.origin}/metrics`)).text();
  expect(await scrape()).toContain("mcp_smoke_test_passed 1\n");
  expect(await scrape()).toContain(
    `mcp_smoke_test_timestamp_seconds ${Date.parse("2026-08-01T10:00:00Z") / 1000}\n`,
  );
  fixture.file({ passed: false, finishedAt: "2026-08-01T10:05:00.000Z" }, "smoke.json");
  expect(await scrape()).toContain("mcp_smoke_test_passed 0\n");
  fixture.file("{ damaged", "smoke.json");
  expect(await scrape()).not.toMatch(/^mcp_smoke_test_/m);
  expect(gateway.stdout()).toContain("report is damaged");
});

test("a server that answers nothing costs its own timeout and no more", async () => {
  const mute = fixture.run([
    process.execPath,
    "-e",
    "require('http').createServer(() => {}).listen(0, '127.0.0.1', function () { console.log(JSON.stringify({ msg: 'listening', port: this.address().port })) })",
  ]);
  const good = fixture.run(rawServer("http"));
  const [{ port: mutePort }, { port }] = await Promise.all([
    mute.logged("listening"),
    good.logged("listening"),
  ]);
  const { origin } = await fixture.gateway({
    servers: [
      { name: "mute", url: `http://127.0.0.1:${mutePort}/mcp`, timeoutMs: 300 },
      { name: "good", url: `http://127.0.0.1:${port}/mcp`, timeoutMs: 3000 },
    ],
    consumers: [consumer("agent", { tools: [...tools("mute"), ...tools("good")] })],
  });
  const started = Date.now();
  expect((await call(origin, "mute__x")).error).toMatchObject({
    code: -32001,
    message: expect.stringContaining("did not answer"),
  });
  expect((await (await fixture.older(origin, "agent-token")).listTools()).tools).toHaveLength(9);
  expect(Date.now() - started).toBeLessThan(2500);
});

test("SIGTERM lets a call finish, takes no new ones, and ends with 0", async () => {
  const raw = fixture.run(rawServer("http"));
  const { port } = await raw.logged("listening");
  const gateway = await fixture.gateway({
    servers: [{ name: "raw", url: `http://127.0.0.1:${port}/mcp`, timeoutMs: 5000 }],
    consumers: [consumer("agent", { tools: tools("raw") })],
  });
  const slow = call(gateway.origin, "raw__slow", { ms: 700 });
  await until(async () => (await call(gateway.origin, "raw__seen")).result);
  gateway.signal("SIGTERM");
  await gateway.logged("stopping");
  await until(() =>
    call(gateway.origin, "raw__seen").then(
      () => false,
      () => true,
    ),
  );
  expect((await slow).result).toBeDefined();
  expect(await gateway.exit).toBe(0);
});

test("without authentication everyone has what all consumers together have", async () => {
  const raw = fixture.run(rawServer("http"));
  const { port } = await raw.logged("listening");
  const { origin } = await fixture.gateway({
    auth: "none",
    servers: [{ name: "raw", url: `http://127.0.0.1:${port}/mcp`, timeoutMs: 5000 }],
    consumers: [
      consumer("a", { tools: tools("raw", "seen") }),
      consumer("b", { tools: tools("raw", "pid") }),
    ],
  });
  const client = await fixture.modern(origin);
  expect((await client.listTools()).tools.map((tool) => tool.name).sort()).toEqual(["raw__pid", "raw__seen"]);
  const denied = await post(origin, callMessage("raw__fail"));
  expect([denied.status, await denied.json()]).toMatchObject([200, { error: { code: -32602 } }]);
});

test("a port that is taken and a configuration that is wrong: one line, no stack", async () => {
  const { origin } = await fixture.gateway({});
  const listen = { host: "127.0.0.1", port: Number(new URL(origin).port) };
  const taken = fixture.gatewayOn(fixture.file(gatewayConfig({ listen })));
  expect(await taken.exit).toBe(1);
  expect(taken.stderr()).toMatch(/^gateway: listen 127\.0\.0\.1:\d+: the port is taken; .+\n$/);
  const servers = [{ name: "raw", url: "not a url", timeoutMs: 0, headersFromEnv: {} }];
  const wrong = fixture.gatewayOn(fixture.file({ ...gatewayConfig({}), servers, auth: "magic" }));
  expect(await wrong.exit).toBe(78);
  expect(wrong.stderr().trim().split("\n")).toEqual([
    expect.stringMatching(/^gateway: auth: /),
    expect.stringMatching(/^gateway: servers\[0\]\.url: /),
    expect.stringMatching(/^gateway: servers\[0\]\.timeoutMs: /),
  ]);
  const none = fixture.gatewayOn("/nowhere/config.json");
  expect(await none.exit).toBe(78);
});
