import { afterAll, expect, test } from "vitest";
import { Fixture, until } from "../fixture.ts";
import { Farm } from "./moody.ts";

const fixture = new Fixture();
afterAll(() => fixture.close());
const farm = new Farm(fixture);

const calls = { only: "tools/call" };

test("a server that fails is left alone for a while, tried with one call, and trusted again", async () => {
  const server = await farm.server("one");
  const circuitBreaker = { failures: 3, cooldownMs: 1500 };
  const front = await farm.gateway([server], { resilience: { circuitBreaker } });
  await server.set({ kind: "status", status: 502, ...calls });

  // Its lists work all the time, so it is believed once more when a check finds it well, and then no more.
  const open = await until(async () => {
    const { error } = await front.call("one__read");
    return error?.data?.outcome === "rejected" && (await front.health()).servers.one?.breaker === "open"
      ? error
      : undefined;
  });
  expect(open).toMatchObject({ code: -32004, data: { sent: false } });
  expect(open.message).toMatch(
    /^Server "one" is not called for now, since its last calls failed \(circuit breaker\): try again in \d s$/,
  );
  expect(await front.health()).toMatchObject({
    status: "degraded",
    servers: { one: { status: "up", breaker: "open", reason: "its last calls failed (circuit breaker)" } },
  });
  const metrics = await front.metrics();
  expect(metrics).toContain('mcp_gateway_breaker_state{server="one"} 2');
  expect(metrics).toMatch(/mcp_gateway_rejected_total\{server="one",reason="breaker_open"\} [1-9]/);

  await server.set({ kind: "well" });
  await until(async () => (await front.call("one__read")).by);
  expect(await front.metrics()).toContain('mcp_gateway_breaker_state{server="one"} 0');
  expect(front.logged("circuit breaker").at(-1)).toMatchObject({ server: "one", breaker: "closed" });
});

test("while one call tries, the others are not held up by it", async () => {
  const server = await farm.server("one");
  const circuitBreaker = { failures: 1, cooldownMs: 300 };
  const front = await farm.gateway([server], { resilience: { circuitBreaker } });
  await server.set({ kind: "garbage", ...calls });
  // A check found it well and ended the wait once; the second time only a call can.
  const opened = () => front.logged("circuit breaker").filter(({ breaker }) => breaker === "open").length;
  await until(async () => {
    await front.call("one__read");
    return opened() === 2;
  });
  await server.set({ kind: "well" });
  const trial = until(async () => (await front.call("one__read", { id: "trial", ms: 1500 })).by);
  await until(() => farm.serversOf("trial").length === 1);
  const other = await front.call("one__read");
  expect(other.error?.data).toEqual({ outcome: "rejected", sent: false });
  expect(other.ms).toBeLessThan(500);
  expect(await trial).toBe("one");
  expect((await front.call("one__read")).by).toBe("one");
});

test("a server that was down and is back needs no trial", async () => {
  const server = await farm.server("one");
  const circuitBreaker = { failures: 2, cooldownMs: 60_000 };
  const front = await farm.gateway([server], { resilience: { circuitBreaker } });
  const lost = Promise.all([1, 2, 3].map(() => front.call("one__write", { ms: 60_000 })));
  await until(() => farm.carriedOut().filter(({ tool }) => tool === "write").length === 3);
  server.signal("SIGKILL");
  await server.exit;
  await lost;
  expect((await front.call("one__read")).error?.data?.outcome).toBe("rejected");
  await farm.server("one", server.port);
  await until(async () => (await front.health()).servers.one?.breaker === undefined);
  expect((await front.call("one__read")).by).toBe("one");
});

test("a server gets so many calls at once; a few wait, and the rest hear so", async () => {
  const server = await farm.server("one");
  const concurrency = { calls: 2, queue: 1, waitMs: 300 };
  const front = await farm.gateway([server], { resilience: { concurrency } });
  const started = (id: string) => until(() => farm.serversOf(id).length > 0);
  const long = ["a", "b"].map((id) => front.call("one__read", { id, ms: 1000 }));
  await Promise.all([started("a"), started("b")]);
  expect(await front.metrics()).toContain('mcp_gateway_calls_in_flight{server="one"} 2');

  const waits = front.call("one__read", { id: "waits" });
  const bound = 'Server "one" has 2 calls under way, as many as it gets at once (resilience.concurrency), ';
  const full = await until(async () => {
    const { error } = await front.call("one__read", { id: "too many" });
    return error?.message.includes("wait:") ? error : undefined;
  });
  expect(full).toMatchObject({ message: `${bound}and 1 wait: try again later`, data: { sent: false } });
  expect((await waits).error?.message).toBe(`${bound}and none ended within 300 ms: try again later`);
  expect((await Promise.all(long)).map(({ by }) => by)).toEqual(["one", "one"]);
  expect(farm.serversOf("waits")).toEqual([]);

  const short = ["c", "d", "e"].map((id) => front.call("one__read", { id, ms: 100 }));
  expect((await Promise.all(short)).map(({ by }) => by)).toEqual(["one", "one", "one"]);
  expect(await front.metrics()).toMatch(/rejected_total\{server="one",reason="queue_timeout"\} 1/);
});

test("a list says which servers it is without, and why", async () => {
  const [one, two] = [await farm.server("one"), await farm.server("two")];
  const front = await farm.gateway([one, two]);
  two.signal("SIGKILL");
  await two.exit;
  const client = await fixture.modern(front.program.origin, "agent-token");
  const { tools, _meta } = await client.listTools();
  expect(tools.map(({ name }) => name)).toEqual(["one__read", "one__write"]);
  expect(_meta?.["mcp-infra.dev/unavailable"]).toEqual([
    { server: "two", reason: expect.stringMatching(/^Server "two" (is unavailable|did not answer)/) },
  ]);
});
