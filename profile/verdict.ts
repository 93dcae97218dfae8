import type { GatewayModel } from "../components/model/gateway.ts";
import { failures, type Level, type ToolFigures } from "./figures.ts";

/** A tool held against the objective. */
export interface Verdict {
  /** The most clients at once for which the objective holds; 0 when it does for none. */
  holdsFor: number;
  /** The number of clients by which most calls a second came through. */
  best: Level;
  /** Why it misses the objective for as many clients as it is to hold for; absent when it does not. */
  missed?: string;
}

/** Judges a tool by the objective; without one only calls that fail miss it. */
export function verdictOn(
  { levels }: Pick<ToolFigures, "levels">,
  objectives: GatewayModel["objectives"],
  clients: number,
): Verdict {
  const upTo = levels.findIndex((level) => missOf(level, objectives) !== undefined);
  const holding = upTo < 0 ? levels : levels.slice(0, upTo);
  const best = levels.reduce((most, level) => (level.rate > most.rate ? level : most));
  const missed = levels
    .filter((level) => level.clients <= clients)
    .map((level) => missOf(level, objectives))
    .find((reason) => reason !== undefined);
  return { holdsFor: holding.at(-1)?.clients ?? 0, best, ...(missed && { missed }) };
}

function missOf(level: Level, objectives: GatewayModel["objectives"]): string | undefined {
  const { clients, calls, p95 } = level;
  const of = `with ${clients} ${clients === 1 ? "client" : "clients"}`;
  if (calls === 0) return `no call came to an end ${of}`;
  const available = 1 - failures(level) / calls;
  if (available < (objectives?.availability ?? 1)) {
    return `${failures(level)} of ${calls} calls failed ${of}`;
  }
  if (objectives && p95 > objectives.p95) return `p95 is ${inMilliseconds(p95)} ${of}`;
  return undefined;
}

/** Milliseconds with as many digits as mean something. */
export function inMilliseconds(time: number): string {
  return `${time < 10 ? time.toFixed(1) : Math.round(time)} ms`;
}
