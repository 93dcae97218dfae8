import type { Sample } from "../profile/load.ts";
import type { Observation } from "./exercise.ts";
import type { Fault } from "./victim.ts";

/** What one fault at one server came to. Times in milliseconds. */
export interface Verdict {
  server: string;
  fault: Fault;
  calls: number;
  lost: number;
  /** The slowest call, lost or not. */
  worst: number;
  /** From the fault until the gateway's health said so; absent when it never did. */
  noticed?: number;
  /** From the relief until the server served again; absent when it did not. */
  returned?: number;
  /** What is wrong, in words; none: it came through. */
  faults: string[];
  /** One of the reasons that lost calls were given. */
  example?: string;
}

/**
 * Judges what was seen. With somebody to stand in, no call that may be repeated is lost; without, calls are lost while the
 * fault lasts, and no longer. Calls to other servers are never harmed. Pure.
 *
 * @param standIn whether another server of its group can serve instead.
 */
export function judge(seen: Observation, standIn: boolean): Verdict {
  const { server, fault, struck, others, inflictedAt, relievedAt, noticedAt, returnedAt } = seen;
  const lost = struck.filter(isLost);
  const before = lost.filter((sample) => endOf(sample) < inflictedAt);
  const after = lost.filter(({ at }) => at > (returnedAt ?? Number.POSITIVE_INFINITY));
  const harmed = others.filter(isLost);
  const faults = [
    ...(struck.length === 0 ? ["no call was made: this says nothing"] : []),
    ...(before.length > 0 ? [`${inCalls(before)} failed before anything was done: ${reasonOf(before)}`] : []),
    ...(standIn && lost.length > before.length
      ? [`${inCalls(lost)} lost, although another server of the group could have served`]
      : []),
    ...(returnedAt === undefined ? ["did not come back within a minute"] : []),
    ...(after.length > 0 ? [`${inCalls(after)} failed after it was back: ${reasonOf(after)}`] : []),
    ...(harmed.length > 0 ? [`${inCalls(harmed)} to other servers failed: ${reasonOf(harmed)}`] : []),
  ];
  return {
    server,
    fault,
    calls: struck.length,
    lost: lost.length,
    worst: struck.reduce((worst, { milliseconds }) => Math.max(worst, milliseconds), 0),
    ...(noticedAt !== undefined && { noticed: noticedAt - inflictedAt }),
    ...(returnedAt !== undefined && { returned: returnedAt - relievedAt }),
    faults,
    ...(lost.length > 0 && { example: reasonOf(lost) }),
  };
}

function isLost({ failure }: Sample): boolean {
  return failure !== undefined;
}

function endOf({ at, milliseconds }: Sample): number {
  return at + milliseconds;
}

function inCalls(samples: readonly Sample[]): string {
  return samples.length === 1 ? "1 call" : `${samples.length} calls`;
}

function reasonOf([first]: readonly Sample[]): string {
  return first?.failure ?? "";
}
