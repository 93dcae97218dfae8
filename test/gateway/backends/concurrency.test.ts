import { expect, test } from "vitest";
import { Concurrency } from "../../../gateway/backends/concurrency.ts";

test("whoever has gone before there is room neither waits nor is served", async () => {
  const concurrency = new Concurrency({ server: "one", calls: 1, queue: 1, waitMs: 60_000 });
  const { promise, resolve } = Promise.withResolvers<string>();
  const first = concurrency.run(() => promise, undefined);
  let served = false;
  const gone = concurrency.run(async () => (served = true), AbortSignal.abort());
  await expect(gone).rejects.toMatchObject({ kind: "cancelled", sent: false });
  const next = concurrency.run(async () => "next", undefined);
  resolve("first");
  expect(await Promise.all([first, next])).toEqual(["first", "next"]);
  expect(served).toBe(false);
});
