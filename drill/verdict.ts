import type { Sample } from "../profile/load.ts";
import { inWords } from "../smoke/deadline.ts";
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
  /** Calls that a limit turned away while all was well, and what they were told; they are not lost. */
  refused?: { calls: number; reason: string };
  /** Why nothing wrong proves nothing, in words. */
  unproved?: string;
}

/** What the judgement depends on, beside what was seen. */
export interface Circumstances {
  /** Whether another server of its group can serve instead. */
  standIn: boolean;
  /** The shortest time, in milliseconds, after which a call that has no answer fails. */
  timeoutMs: number;
}

/**
 * Judges what was seen. With somebody to stand in, no call that may be repeated is lost; without, calls are lost while the
 * fault lasts, and no longer. Calls to other servers are never harmed. Pure.
 */
export function judge(seen: Observation, { standIn, timeoutMs }: Circumstances): Verdict {
  const { server, fault, struck, others, inflictedAt, relievedAt, noticedAt, returnedAt } = seen;
  const isLost = lostIn(seen);
  const lost = struck.filter(isLost);
  const refused = struck.filter((sample) => sample.refused && !isLost(sample));
  const before = lost.filter((sample) => endOf(sample) < inflictedAt);
  const after = lost.filter(({ at }) => at > (returnedAt ?? Number.POSITIVE_INFINITY));
  const harmed = others.filter(isLost);
  const made = struck.filter((sample) => !refused.includes(sample));
  const meanwhile = made.some((sample) => sample.at < relievedAt && endOf(sample) >= inflictedAt);
  const faults = [
    ...(struck.length === 0 ? ["no call was made: this says nothing"] : []),
    ...(refused.length > 0 && !meanwhile
      ? ["the limit let no call through while it lasted: this says nothing; give fewer --clients"]
      : []),
    ...(before.length > 0 ? [`${inCalls(before)} failed before anything was done: ${reasonOf(before)}`] : []),
    ...(standIn && lost.length > before.length
      ? [`${inCalls(lost)} lost, although another server of the group could have served`]
      : []),
    ...(returnedAt === undefined ? ["did not come back within a minute"] : []),
    ...(after.length > 0 ? [`${inCalls(after)} failed after it was back: ${reasonOf(after)}`] : []),
    ...(harmed.length > 0 ? [`${inCalls(harmed)} to other servers failed: ${reasonOf(harmed)}`] : []),
  ];
  const heldMs = relievedAt - inflictedAt;
  const isTooShort = fault === "hang" && noticedAt === undefined && lost.length === 0 && heldMs < timeoutMs;
  return {
    server,
    fault,
    calls: struck.length,
    lost: lost.length,
    worst: made.reduce((worst, { milliseconds }) => Math.max(worst, milliseconds), 0),
    ...(noticedAt !== undefined && { noticed: noticedAt - inflictedAt }),
    ...(returnedAt !== undefined && { returned: returnedAt - relievedAt }),
    faults,
    ...(lost.length > 0 && { example: reasonOf(lost) }),
    ...(refused.length > 0 && { refused: { calls: refused.length, reason: reasonOf(refused) } }),
    ...(isTooShort && { unproved: tooShort(heldMs, timeoutMs) }),
  };
}

/**
 * A rate limit refuses calls whatever happens to servers. The bound on calls at once does so too while all is well; from
 * the fault until the return, it is calls without an answer that fill it.
 */
function lostIn({ inflictedAt, returnedAt }: Observation): (sample: Sample) => boolean {
  const isFaulty = (sample: Sample) =>
    endOf(sample) >= inflictedAt && sample.at <= (returnedAt ?? Number.POSITIVE_INFINITY);
  return (sample) => {
    if (sample.failure === undefined || sample.refused === "limit") return false;
    return sample.refused === undefined || isFaulty(sample);
  };
}

/** Half as long again as a call waits leaves time to see what becomes of it. */
function tooShort(heldMs: number, timeoutMs: number): string {
  const enough = Math.ceil((timeoutMs * 1.5) / 1_000);
  return `held for ${inWords(heldMs)}, calls wait up to ${inWords(timeoutMs)}: nothing was proved; give --hold ${enough}`;
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
