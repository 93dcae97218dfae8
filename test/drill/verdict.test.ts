import { expect, test } from "vitest";
import { judge, type Observation, renderDrill, restOf } from "../../drill/index.ts";
import { HttpFailure } from "../../gateway/protocol/http-failure.ts";
import { CODE, RpcError } from "../../gateway/protocol/messages.ts";
import type { Sample } from "../../profile/load.ts";
import { type Refusal, refusalOf } from "../../profile/refusal.ts";

const call = { consumer: "agent", server: "docs", tool: "search", name: "docs__search", arguments: {} };
const sample = (at: number, failure?: string, milliseconds = 5): Sample => ({
  call,
  at,
  milliseconds,
  ...(failure && { failure }),
});

const refused = (at: number, by: Refusal["by"]): Sample => ({ ...sample(at, "Too many calls"), refused: by });

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
const grouped = { standIn: true, timeoutMs: 2_000 };
const alone = { standIn: false, timeoutMs: 2_000 };
const withLoss = { struck: [sample(500), sample(1_100, "docs is unavailable"), sample(6_500)] };

test("a server that somebody stands in for loses no call", () => {
  expect(judge(seen({}), grouped)).toEqual({
    server: "docs",
    fault: "kill",
    calls: 3,
    lost: 0,
    worst: 300,
    noticed: 200,
    returned: 300,
    faults: [],
  });
  expect(judge(seen(withLoss), grouped).faults).toEqual([
    "1 call lost, although another server of the group could have served",
  ]);
});

test("a server alone loses calls while the fault lasts, and what callers were told is shown", () => {
  expect(judge(seen(withLoss), alone)).toMatchObject({ lost: 1, faults: [], example: "docs is unavailable" });
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
  [
    "a limit that left nothing to see",
    { struck: [sample(500), refused(1_500, "limit"), sample(6_500)] },
    "the limit let no call through while it lasted: this says nothing; give fewer --clients",
  ],
])("%s is told", (_, changes, fault) => {
  expect(judge(seen(changes), alone).faults).toEqual([fault]);
});

test.each<[string, Sample, { lost: number; refused?: number }]>([
  ["the rate limit, before the fault", refused(500, "limit"), { lost: 0, refused: 1 }],
  ["the rate limit, during the fault", refused(1_500, "limit"), { lost: 0, refused: 1 }],
  ["the bound, while all is well", refused(500, "bound"), { lost: 0, refused: 1 }],
  ["the bound, after the return", refused(6_500, "bound"), { lost: 0, refused: 1 }],
  ["the bound, filled by the fault", refused(1_500, "bound"), { lost: 1 }],
])("a call that is turned away by %s", (_, turnedAway, expected) => {
  const verdict = judge(seen({ struck: [sample(1_500), turnedAway] }), alone);
  expect({ lost: verdict.lost, refused: verdict.refused?.calls }).toEqual(expected);
  expect(verdict.faults).toEqual([]);
});

test("calls to other servers that a limit refuses are not harm", () => {
  expect(judge(seen({ others: [refused(1_500, "limit")] }), alone).faults).toEqual([]);
});

test.each<[string, Partial<Observation>, number, string | undefined]>([
  [
    "shorter than a call waits",
    { noticedAt: undefined },
    10_000,
    "held for 5 s, calls wait up to 10 s: nothing was proved; give --hold 15",
  ],
  ["longer than a call waits", { noticedAt: undefined }, 2_000, undefined],
  ["shorter, but noticed", {}, 10_000, undefined],
  ["shorter, but calls failed", { ...withLoss, noticedAt: undefined }, 10_000, undefined],
])("a hang that is held %s", (_, changes, timeoutMs, unproved) => {
  expect(judge(seen({ fault: "hang", ...changes }), { standIn: false, timeoutMs }).unproved).toBe(unproved);
});

test("what was not noticed does not look like a return, and what was refused has a line of its own", () => {
  const struck = [sample(1_500), refused(500, "limit")];
  const verdict = judge(seen({ fault: "slow", struck, noticedAt: undefined }), alone);
  const [row, ...lines] = renderDrill([verdict], (_, rows) => rows.join()).split("\n");
  expect(row).toBe("✓,slow docs,2,0,5 ms,not noticed,");
  expect(lines).toEqual(["  slow docs: 1 of 2 calls were refused by the limit, not lost: Too many calls"]);
});

test("a hang that proves nothing is not shown as passed", () => {
  const verdict = judge(seen({ fault: "hang", noticedAt: undefined }), { standIn: true, timeoutMs: 10_000 });
  expect(renderDrill([verdict], (_, rows) => rows.join())).toMatch(
    /^–,hang docs,.*not noticed,\n– hang docs: held/,
  );
});

test.each<[string, unknown, Refusal | undefined]>([
  [
    "the gateway's rate limit",
    new RpcError(CODE.http, "Too many calls", { outcome: "limited", retryAfterMs: 700 }),
    { by: "limit", retryAfterMs: 700 },
  ],
  [
    "a limit of something before it",
    new HttpFailure(429, "HTTP 429", 2_000),
    { by: "limit", retryAfterMs: 2_000 },
  ],
  [
    "the bound on calls at once",
    new RpcError(CODE.unavailable, "… (resilience.concurrency), and 4 wait: try again later", {
      outcome: "rejected",
    }),
    { by: "bound" },
  ],
  [
    "no open breaker",
    new RpcError(CODE.unavailable, "… (circuit breaker)", { outcome: "rejected" }),
    undefined,
  ],
  ["no timeout", new RpcError(CODE.timeout, "did not answer", { outcome: "timeout" }), undefined],
  ["no broken connection", new Error("socket hang up"), undefined],
])("%s is a refusal", (_, error, refusal) => {
  expect(refusalOf(error)).toEqual(refusal);
});

test.each<[string, { calls: number; per: number } | undefined, number]>([
  ["no limit", undefined, 10],
  ["a wide limit", { calls: 10_000, per: 1_000 }, 10],
  ["a limit that the clients share", { calls: 40, per: 1_000 }, 100],
  ["a narrow limit", { calls: 10, per: 60_000 }, 1_000],
])("with %s each client rests", (_, limit, expected) => {
  const consumer = { name: "agent", identity: {}, uses: [], limit };
  expect(restOf({ consumers: [consumer], servers: [] }, [call], 4)).toBe(expected);
});
