import { expect, test } from "vitest";
import { RetryBudget } from "../../../gateway/backends/budget.ts";

const spendAll = (budget: RetryBudget) => {
  let spent = 0;
  while (budget.spend()) spent++;
  return spent;
};

test.each([
  ["what is saved up at the start", { requests: 0, seconds: 0 }, 0],
  ["a fifth of the requests", { requests: 100, seconds: 0 }, 20],
  ["five a second without any", { requests: 0, seconds: 4 }, 20],
  ["both together", { requests: 100, seconds: 4 }, 40],
  ["no more than can be saved up", { requests: 100_000, seconds: 3600 }, 50],
])("retries: %s", (_name, { requests, seconds }, expected) => {
  let now = 0;
  const budget = new RetryBudget(() => now);
  expect(spendAll(budget)).toBe(50);
  for (let request = 0; request < requests; request++) budget.earn();
  now += seconds * 1000;
  expect(spendAll(budget)).toBe(expected);
});

test("a server that always fails gets a fifth more of a long load, and a little", () => {
  const budget = new RetryBudget(() => 0);
  let retries = 0;
  for (let request = 0; request < 10_000; request++) {
    budget.earn();
    if (budget.spend()) retries++;
  }
  expect(retries).toBeLessThanOrEqual(2050);
});
