import { afterAll, expect, test } from "vitest";
import { Fixture } from "../fixture.ts";
import { Farm } from "./moody.ts";

const fixture = new Fixture();
afterAll(() => fixture.close());
const farm = new Farm(fixture);

const retry = { attempts: 3, backoffMs: 20, maxBackoffMs: 100 };
const calls = { only: "tools/call" };
const unavailable = { kind: "status", status: 503, ...calls } as const;
const UNKNOWN = "; it is unknown whether the call was carried out, and it was not repeated";

test("what may be repeated is; what may not is sent once, and its caller told that nobody knows", async () => {
  const server = await farm.server("one");
  const front = await farm.gateway([server], { resilience: { retry } });

  await server.set({ ...unavailable, times: 2 });
  expect(await front.call("one__read")).toMatchObject({ by: "one" });
  await server.set({ ...unavailable, times: 1 });
  const lost = await front.call("one__write");
  expect(lost.error).toMatchObject({ code: -32004, data: { outcome: "unavailable", sent: true } });
  expect(lost.error?.message).toMatch(new RegExp(`^Server "one" is unavailable: .*503.*${UNKNOWN}$`));
  await server.set(unavailable);
  expect((await front.call("one__read")).error?.message).toMatch(
    /^Server "one" is unavailable: .*503.* \(tried 3 times\)$/,
  );
  expect(await front.metrics()).toContain('mcp_gateway_retries_total{server="one"} 4');
});

test("the declaration of a tool has the last word", async () => {
  const server = await farm.server("one");
  const perTool = { read: { repeatable: false }, write: { repeatable: true } };
  const front = await farm.gateway([server], { resilience: { retry }, perTool });
  await server.set({ ...unavailable, times: 1 });
  expect((await front.call("one__read")).error?.message).toContain(UNKNOWN);
  await server.set({ ...unavailable, times: 1 });
  expect(await front.call("one__write")).toMatchObject({ by: "one" });
});

test.each(["garbage", "half", "other id"] as const)(
  "an answer that is none (%s): the call was carried out and may be again",
  async (kind) => {
    const server = await farm.server("one");
    const front = await farm.gateway([server], { resilience: { retry } });
    await server.set({ kind, ...calls, times: 1 });
    expect(await front.call("one__read", { id: `read ${kind}` })).toMatchObject({ by: "one" });
    expect(farm.serversOf(`read ${kind}`)).toEqual(["one", "one"]);
    await server.set({ kind, ...calls, times: 1 });
    expect((await front.call("one__write", { id: `write ${kind}` })).error?.message).toContain(UNKNOWN);
    expect(farm.serversOf(`write ${kind}`)).toEqual(["one"]);
  },
);

test("errors of the tool and of the protocol are answers, which nobody repeats", async () => {
  const server = await farm.server("one");
  const circuitBreaker = { failures: 1, cooldownMs: 60_000 };
  const front = await farm.gateway([server], { resilience: { retry, circuitBreaker } });
  expect(await front.call("one__read", { id: "fails", fails: true })).toMatchObject({ isError: true });
  expect(await front.call("one__read", { id: "error", error: true })).toMatchObject({
    error: { code: -32050 },
  });
  expect([farm.serversOf("fails"), farm.serversOf("error")]).toEqual([["one"], ["one"]]);
  expect(await front.call("one__read")).toMatchObject({ by: "one" });
});

test("a server that asks for time gets it, if there is so much", async () => {
  const server = await farm.server("one");
  const front = await farm.gateway([server], { resilience: { retry } });
  const busy = (seconds: string) =>
    ({ kind: "status", status: 429, headers: { "retry-after": seconds }, ...calls, times: 1 }) as const;
  await server.set(busy("1"));
  const waited = await front.call("one__read");
  expect(waited).toMatchObject({ by: "one" });
  expect(waited.ms).toBeGreaterThan(990);
  await server.set(busy("60"));
  const refused = await front.call("one__read");
  expect(refused.error?.message).toContain("429");
  expect(refused.ms).toBeLessThan(900);
});

test("the time of a call is that of all its tries, and a tool may have its own", async () => {
  const server = await farm.server("one");
  const perTool = { read: { timeoutMs: 400 }, write: { timeoutMs: 1500 } };
  const front = await farm.gateway([server], { timeoutMs: 800, resilience: { retry }, perTool });
  await server.set({ kind: "slow", ms: 300, ...calls });
  const slow = await front.call("one__read", { ms: 300 });
  expect(slow.error?.code).toBe(-32001);
  // On a busy machine a part of it has gone by when the call is sent.
  expect(slow.error?.message).toMatch(/^Server "one" did not answer within (3\d\d|400) ms$/);
  expect(slow.ms).toBeLessThan(700);
  expect(await front.call("one__write", { ms: 700 })).toMatchObject({ by: "one" });
});

test("a server that always fails gets little more than the calls there are", async () => {
  const server = await farm.server("one");
  const front = await farm.gateway([server], { resilience: { retry } });
  await server.set({ kind: "garbage", ...calls });
  for (let batch = 0; batch < 20; batch++) {
    await Promise.all(Array.from({ length: 15 }, () => front.call("one__read", { id: "doomed" })));
  }
  const sent = farm.serversOf("doomed").length;
  expect(sent).toBeGreaterThan(350); // the 300 calls, and what was saved up at the start
  expect(sent).toBeLessThan(450); // without the budget 900
});
