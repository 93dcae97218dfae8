import { inWords, NotChecked } from "../deadline.ts";
import { eras } from "../session.ts";
import { requireReached, type Trial } from "../trial.ts";
import { type Check, count, failed, type Outcome, passed } from "./check.ts";

/** Round trips of `tools/list` in each era: they are free of effects. */
const ROUND_TRIPS = 5;

/**
 * How fast the gateway answers, judged by the objective where there is one. Example calls may have effects,
 * so they are not repeated for this: the times of those made anyway are taken, and a few `tools/list`.
 */
export function latencyChecks(trial: Trial, subject: string): Check[] {
  if (trial.callers.length === 0) return [];
  const objective = trial.model.gateway?.objectives?.p95;
  const check = objective === undefined ? "how fast it answers" : `p95 is at most ${inWords(objective)}`;
  return [{ subject, check, run: () => measure(trial, objective) }];
}

async function measure(trial: Trial, objective: number | undefined): Promise<Outcome> {
  requireReached(trial);
  const lists = await roundTrips(trial);
  const examples = trial.exampleTimes;
  const measured = [
    ...(examples.length > 0
      ? [
          {
            p95: percentile95(examples),
            of: `${count(examples.length, "example call")} (some at the same time)`,
          },
        ]
      : []),
    ...(lists.length > 0 ? [{ p95: percentile95(lists), of: `${lists.length} tools/list` }] : []),
  ];
  if (measured.length === 0) throw new NotChecked("no call succeeded whose time could be measured");
  const words = measured.map(({ p95, of }) => `${inWords(p95)} over ${of}`).join(", ");
  const few = Math.max(examples.length, lists.length) < 20 ? "; of so few calls that is the slowest" : "";
  const detail = `p95 ${words}${few}`;
  if (objective === undefined) return passed(`${detail}; no objective is declared`);
  return measured.every(({ p95 }) => p95 <= objective) ? passed(detail) : failed(detail);
}

async function roundTrips(trial: Trial): Promise<number[]> {
  const times: number[] = [];
  for (const era of eras.filter((each) => !trial.unreachable.has(each))) {
    const session = await firstSession(trial, era);
    for (let trip = 0; session && trip < ROUND_TRIPS; trip++) {
      const begun = performance.now();
      await session.request("tools/list", {}, 15_000);
      times.push(performance.now() - begun);
    }
  }
  return times;
}

async function firstSession(trial: Trial, era: (typeof eras)[number]) {
  for (const caller of trial.callers) {
    const session = await trial.session(caller, era).catch((error: unknown) => {
      if (error instanceof NotChecked && !trial.deadline.struck) return undefined;
      throw error;
    });
    if (session) return session;
  }
  return undefined;
}

/** The 95th percentile by nearest rank: a time that was really measured, never one between two. */
export function percentile95(times: readonly number[]): number {
  const sorted = times.toSorted((a, b) => a - b);
  return sorted[Math.ceil(sorted.length * 0.95) - 1] ?? 0;
}
