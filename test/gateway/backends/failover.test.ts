import { afterAll, expect, test } from "vitest";
import { consumer, Fixture, rawServer, tools, until } from "../fixture.ts";
import { Farm, type Front } from "./moody.ts";

const fixture = new Fixture();
afterAll(() => fixture.close());
const farm = new Farm(fixture);

const started = (id: string) => until(() => farm.serversOf(id).length > 0);
const servedBy = (front: Front, server: string) =>
  until(async () => (await front.call("main__read")).by === server);

test("a standby takes over at once, and the primary is served from again when it is back", async () => {
  const [main, spare] = [await farm.server("main"), await farm.server("spare")];
  const front = await farm.gateway([main, spare], {}, "standby");
  expect(await front.call("main__write")).toMatchObject({ by: "main" });
  expect(await front.health()).toMatchObject({
    status: "ok",
    groups: { main: { mode: "standby", serving: "main", up: ["main", "spare"], down: [] } },
  });

  main.signal("SIGKILL");
  await main.exit;
  // What was never sent may be sent elsewhere, whatever it does, and nobody waits for a server that refuses.
  const moved = await front.call("main__write", { id: "moved" });
  expect(moved).toMatchObject({ by: "spare" });
  expect(moved.ms).toBeLessThan(500);
  expect(await front.until("main", "down")).toMatchObject({
    status: "degraded",
    servers: { main: { reason: expect.stringContaining("connection refused") } },
    groups: { main: { serving: "spare", up: ["spare"], down: ["main"] } },
  });
  const client = await fixture.modern(front.program.origin, "agent-token");
  const list = await client.listTools();
  expect([list.tools.length, list._meta?.["mcp-infra.dev/unavailable"]]).toEqual([2, undefined]);
  expect(await front.metrics()).toMatch(/mcp_gateway_failovers_total\{server="main",member="spare"\} [1-9]/);

  await farm.server("main", main.port);
  await front.until("main", "up");
  expect((await front.call("main__read")).by).toBe("main");
});

test("callers know the primary's name alone", async () => {
  const [main, spare] = [await farm.server("main"), await farm.server("spare")];
  const front = await farm.gateway([main, spare], {}, "standby");
  const client = await fixture.modern(front.program.origin, "agent-token");
  expect((await client.listTools()).tools.map(({ name }) => name)).toEqual(["main__read", "main__write"]);
});

test("a call on a dying member is moved when it may be repeated; else its caller hears the truth", async () => {
  const [main, spare] = [await farm.server("main"), await farm.server("spare")];
  const front = await farm.gateway([main, spare], {}, "standby");
  const read = front.call("main__read", { id: "read", ms: 500 });
  const write = front.call("main__write", { id: "write", ms: 500 });
  await Promise.all([started("read"), started("write")]);
  main.signal("SIGKILL");
  expect(await read).toMatchObject({ by: "spare" });
  const { error } = await write;
  expect(error?.message).toBe(
    'Server "main" is unavailable: closed the connection without an answer; it is unknown whether the call was carried out, and it was not repeated',
  );
  expect([farm.serversOf("read"), farm.serversOf("write")]).toEqual([["main", "spare"], ["main"]]);
});

test("a member that hangs keeps what may not be repeated, and nothing else", async () => {
  const [main, spare] = [await farm.server("main"), await farm.server("spare")];
  const front = await farm.gateway([main, spare], { timeoutMs: 10_000 }, "standby");
  main.signal("SIGSTOP");
  const write = front.call("main__write", { id: "stopped write" });
  const read = await front.call("main__read", { id: "stopped read" });
  expect(read).toMatchObject({ by: "spare" });
  expect(read.ms).toBeLessThan(8000);
  const next = await front.call("main__write");
  expect(next).toMatchObject({ by: "spare" });
  expect(next.ms).toBeLessThan(500);
  main.signal("SIGCONT");
  // It was only late, and there was still time.
  expect(await write).toMatchObject({ by: "main" });
  await servedBy(front, "main");
  expect(farm.serversOf("stopped write")).toEqual(["main"]);
}, 20_000);

test("one that answers nonsense, or is overloaded, is passed over for the next", async () => {
  const [main, spare] = [await farm.server("main"), await farm.server("spare")];
  const circuitBreaker = { failures: 3, cooldownMs: 60_000 };
  const front = await farm.gateway([main, spare], { resilience: { circuitBreaker } }, "standby");
  for (const kind of ["garbage", "half", "other id"] as const) {
    await main.set({ kind });
    expect(await front.call("main__read")).toMatchObject({ by: "spare" });
  }
  expect((await front.health()).groups?.main?.serving).toBe("spare");
  expect(await front.call("main__write")).toMatchObject({ by: "spare" });
});

test("when nobody can serve, the first one's reason is given; when all are down, they are tried all the same", async () => {
  const [main, spare] = [await farm.server("main"), await farm.server("spare")];
  const front = await farm.gateway([main, spare], {}, "standby");
  main.signal("SIGKILL");
  spare.signal("SIGKILL");
  await Promise.all([main.exit, spare.exit]);
  const { error } = await front.call("main__write");
  expect(error).toMatchObject({ message: expect.stringContaining("(tried 2 times)"), data: { sent: false } });
  await Promise.all([front.until("main", "down"), front.until("spare", "down")]);
  await farm.server("spare", spare.port);
  expect(await front.call("main__write")).toMatchObject({ by: "spare" });
});

test("balanced members share the calls; one that comes back gets few at first", async () => {
  const [main, twin] = [await farm.server("main"), await farm.server("twin")];
  const front = await farm.gateway([main, twin], {}, "balanced");
  const many = async (ms: number) => {
    const calls = Array.from({ length: 20 }, () => front.call("main__read", { ms }));
    const by = (await Promise.all(calls)).map((call) => call.by);
    return {
      main: by.filter((each) => each === "main").length,
      twin: by.filter((each) => each === "twin").length,
    };
  };
  expect((await many(100)).twin).toBeGreaterThanOrEqual(7);
  twin.signal("SIGKILL");
  await twin.exit;
  expect(await many(20)).toEqual({ main: 20, twin: 0 });
  await front.until("twin", "down");
  await farm.server("twin", twin.port);
  await front.until("twin", "up");
  const first = await many(100);
  expect(first.twin).toBeGreaterThanOrEqual(1);
  expect(first.twin).toBeLessThanOrEqual(5);
  await until(async () => (await many(20)).twin >= 9);
});

test("servers of the older era stand in for each other, with a session at each", async () => {
  const start = async (port = 0) => {
    const server = fixture.run(rawServer("http-session", String(port)));
    return { ...server, port: Number((await server.logged("listening")).port) };
  };
  const [main, spare] = [await start(), await start()];
  const server = (name: string, port: number) => ({
    name,
    url: `http://127.0.0.1:${port}/mcp`,
    timeoutMs: 3000,
  });
  const { origin } = await fixture.gateway({
    servers: [server("main", main.port), server("spare", spare.port)],
    failover: [{ primary: "main", standby: ["spare"], mode: "standby" }],
    consumers: [consumer("agent", { tools: tools("main") })],
  });
  const client = await fixture.older(origin, "agent-token");
  const pid = async () => {
    const { content } = await client.callTool({ name: "main__pid" });
    return Number((content as { text: string }[])[0]?.text);
  };
  expect(await pid()).toBe(main.pid);
  main.signal("SIGKILL");
  await main.exit;
  expect(await pid()).toBe(spare.pid);
  const successor = await start(main.port);
  await until(async () => (await pid()) === successor.pid);
});
