import { resilienceOf } from "../../components/model/resilience.ts";
import type { Level } from "../figures.ts";
import { inMilliseconds, verdictOn } from "../verdict.ts";
import { type Evidence, type Recommendation, serverNamed } from "./recommendation.ts";

/** Room above what was needed on the day of measuring. */
const ROOM = 2;

/** Less than this much more is about the same. */
const AS_FAST = 1.25;

/**
 * A bound of concurrent calls that turns calls away which the server could serve, or one so wide that it protects from
 * nothing. How many calls are with a server at once is their rate times their time (Little's law).
 */
export function concurrency({ model, measurements, clients }: Evidence): Recommendation[] {
  const found = measurements.tools.flatMap(({ server: name, levels }) => {
    const server = serverNamed(model, name);
    const bound = server && resilienceOf(server, model).concurrency;
    if (!bound) return [];
    const held = heldBack(levels, bound.calls);
    if (held)
      return [{ subject: name, calls: ROOM * Math.max(clients, held.clients), because: held.because }];
    const { best } = verdictOn({ levels }, undefined, clients);
    const atOnce = inServer(best);
    const calls = Math.max(ROOM * Math.ceil(atOnce), clients);
    const saturated = levels.at(-1) !== best;
    if (!saturated || calls * ROOM >= bound.calls) return [];
    const because = `it does no more than ${rate(best)} calls/s, ${atOnce.toFixed(1)} of them at once (${rate(best)}/s × ${(best.p50 / 1000).toFixed(3)} s); with ${bound.calls} at once calls only wait for each other`;
    return [{ subject: name, calls, because }];
  });
  // One bound for all tools of a server: the widest that one of them asks for.
  const widest = new Map<string, (typeof found)[number]>();
  for (const each of found)
    if (each.calls > (widest.get(each.subject)?.calls ?? 0)) widest.set(each.subject, each);
  return [...widest.values()].map(({ subject, calls, because }) => ({
    subject,
    change: `resilience: { concurrency: { calls: ${calls} } }`,
    because,
  }));
}

/** Whether it is the bound that calls wait for, or fail by, and not the server. */
function heldBack(levels: readonly Level[], bound: number): { clients: number; because: string } | undefined {
  const turnedAway = levels.find(({ failed }) => failed.bound > 0);
  if (turnedAway) {
    const { clients, calls, failed } = turnedAway;
    const because = `${failed.bound} of ${calls} calls of ${clients} clients were turned away: the server gets ${bound} at once`;
    return { clients, because };
  }
  const [alone] = levels;
  const within = levels.findLast(({ clients }) => clients <= bound);
  const beyond = levels.find(({ clients }) => clients > bound);
  if (!alone || !within || !beyond) return undefined;
  const atEase = within.p50 < alone.p50 * AS_FAST;
  if (!atEase || beyond.rate > within.rate * AS_FAST) return undefined;
  const because = `${within.clients} calls at once take ${inMilliseconds(within.p50)}, as one alone does, so the server could serve more; ${beyond.clients} clients get ${rate(beyond)} calls/s out of it, which is all that ${bound} at once allow`;
  return { clients: beyond.clients, because };
}

/** Calls with the server at once: rate times time. */
function inServer({ rate, p50 }: Level): number {
  return (rate * p50) / 1000;
}

const rate = ({ rate }: Level) => Math.round(rate);
