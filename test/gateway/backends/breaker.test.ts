import { afterEach, expect, test, vi } from "vitest";
import { Breaker } from "../../../gateway/backends/breaker.ts";
import { UpstreamError } from "../../../gateway/upstream.ts";

afterEach(() => void vi.useRealTimers());

const broken = () => Promise.reject(new UpstreamError("unavailable", "broken"));

/** One that has just opened, on a machine whose clock is then set back by an hour. */
async function openedBeforeTheClockWasSet(cooldownMs: number): Promise<Breaker> {
  const breaker = new Breaker({ server: "one", failures: 1, cooldownMs, onChange: () => {} });
  await expect(breaker.run(broken)).rejects.toThrow("broken");
  expect(breaker.state).toBe("open");
  vi.useFakeTimers({ toFake: ["Date"], now: Date.now() - 3_600_000 });
  return breaker;
}

test("a clock that is set back keeps no breaker open", async () => {
  const breaker = await openedBeforeTheClockWasSet(20);
  await expect(breaker.run(async () => "well")).rejects.toThrow("try again in 1 s");
  expect(await vi.waitFor(() => breaker.run(async () => "well"))).toBe("well");
});

test("nor does it keep a check from closing it", async () => {
  const breaker = await openedBeforeTheClockWasSet(60_000);
  breaker.foundWell(true);
  await vi.waitUntil(() => breaker.state === "closed");
});
