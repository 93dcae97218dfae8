/** What is known of one member of a group before a request is sent to it; the better ones first. */
const CONDITIONS = ["ready", "busy", "down", "barred"] as const;

/**
 * - `ready`: it works, as far as is known, and has room;
 * - `busy`: it works, and the request would have to wait, or it has just come back and is tried gently;
 * - `down`: it did not answer the last question;
 * - `barred`: its circuit breaker lets nothing through.
 */
export type Condition = (typeof CONDITIONS)[number];

/** Whether one in this condition can be expected to answer. */
export function isGood(condition: Condition): boolean {
  return condition === "ready" || condition === "busy";
}

/** A member, as far as the choice is concerned. */
export interface Candidate {
  condition: Condition;
  inFlight: number;
}

/**
 * The member that a request goes to: of those in the best condition the first (`standby`), or the one with the least
 * requests (`balanced`; the scan begins at another member each `turn`, so that idle ones share alike). One in a bad
 * condition is better than none.
 */
export function choose<Member extends Candidate>(
  members: readonly Member[],
  mode: "standby" | "balanced",
  turn = 0,
): Member | undefined {
  const start = mode === "balanced" ? turn % Math.max(1, members.length) : 0;
  let best: Member | undefined;
  let bestRank: number = CONDITIONS.length;
  for (let step = 0; step < members.length; step++) {
    const member = members[(start + step) % members.length] as Member;
    const rank = CONDITIONS.indexOf(member.condition);
    const less = mode === "balanced" && rank === bestRank && member.inFlight < (best?.inFlight ?? 0);
    if (rank < bestRank || less) [best, bestRank] = [member, rank];
  }
  return best;
}
