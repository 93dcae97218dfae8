import { expect, test } from "vitest";
import { judge, type Observation } from "../../drill/index.ts";
import type { Sample } from "../../profile/load.ts";

const call = { consumer: "agent", server: "docs", tool: "search", name: "docs__search", arguments: {} };
const sample = (at: number, failure?: string, milliseconds = 5): Sample => ({
  call,
  at,
  milliseconds,
  ...(failure && { failure }),
});

/** A fault from 1,000 to 6,000, noticed at 1,200, over at 6,300. */
const seen = (changes: Partial<Observation>): Observation => ({
  server: "docs",
  fault: "kill",
  struck: [sample(500), sample(1_500, undefined, 300), sample(6_500)],
  others: [sample(1_500)],
  inflictedAt: 1_000,
  relievedAt: 6_000,
  noticedAt: 1_200,
  returnedAt: 6_300,
  ...changes,
});
const withLoss = { struck: [sample(500), sample(1_100, "docs is unavailable"), sample(6_500)] };

test("a server that somebody stands in for loses no call", () => {
  expect(judge(seen({}), true)).toEqual({
    server: "docs",
    fault: "kill",
    calls: 3,
    lost: 0,
    worst: 300,
    noticed: 200,
    returned: 300,
    faults: [],
  });
  expect(judge(seen(withLoss), true).faults).toEqual([
    "1 call lost, although another server of the group could have served",
  ]);
});

test("a server alone loses calls while the fault lasts, and what callers were told is shown", () => {
  expect(judge(seen(withLoss), false)).toMatchObject({ lost: 1, faults: [], example: "docs is unavailable" });
});

test.each<[string, Partial<Observation>, string]>([
  ["no call at all", { struck: [] }, "no call was made: this says nothing"],
  [
    "failures before the fault",
    { struck: [sample(500, "not granted")] },
    "1 call failed before anything was done: not granted",
  ],
  ["a server that stays away", { returnedAt: undefined }, "did not come back within a minute"],
  [
    "failures after its return",
    { struck: [sample(6_400, "timeout"), sample(6_500, "timeout")] },
    "2 calls failed after it was back: timeout",
  ],
  [
    "harm to others",
    { others: [sample(1_500, "queue is full")] },
    "1 call to other servers failed: queue is full",
  ],
])("%s is told", (_, changes, fault) => {
  expect(judge(seen(changes), false).faults).toEqual([fault]);
});
