import { build, type Histogram } from "hdr-histogram-js";
import type { Sample } from "./load.ts";
import { BOUND } from "./refusal.ts";

/** Why a call failed, as far as a setting can do something about it. */
export type FailureKind = "timeout" | "bound" | "other";

/** What so many clients at once met, all of them calling one tool. Times in milliseconds. */
export interface Level {
  clients: number;
  calls: number;
  /** Calls that gave what is expected of them, in a second. */
  rate: number;
  p50: number;
  p95: number;
  p99: number;
  /** Calls that failed, by why. */
  failed: Record<FailureKind, number>;
}

/** What was measured of one tool. */
export interface ToolFigures {
  server: string;
  tool: string;
  /** The name that callers know. */
  name: string;
  /** By rising number of clients; at least one. */
  levels: Level[];
  /** Times of one client's calls by percentile, for the plot. */
  distribution: { percentile: number; milliseconds: number }[];
  /** What the first call that failed was told. */
  failure?: string;
  /** Calls that a rate limit refused, which are in no level; absent: none. */
  limited?: number;
}

/** What listing costs one consumer. */
export interface ListFigures {
  consumer: string;
  tools: number;
  /** Size of the list, in bytes of JSON. */
  bytes: number;
  /** Median time, in milliseconds. */
  p50: number;
  /** Whether it uses all tools of some server, whatever these are. */
  wildcard: boolean;
}

/** All that was measured of a live stack. */
export interface Measurements {
  tools: ToolFigures[];
  lists: ListFigures[];
  /** Tools that were not called, and why. */
  skipped: { name: string; reason: string }[];
}

/** Calls that failed, for whatever reason. */
export function failures({ failed }: Level): number {
  return failed.timeout + failed.bound + failed.other;
}

/** Whether any call gave what is expected of it: without one there are no times. */
export function isAnswered(level: Level): boolean {
  return failures(level) < level.calls;
}

/** Samples of one level in figures. Those that began before `from` are for warming up: only their failures count. */
export function levelOf(clients: number, samples: readonly Sample[], from: number): Level {
  const good = samples.filter(({ failure }) => failure === undefined);
  const warm = good.filter(({ at }) => at >= from);
  const counted = warm.length > 0 ? warm : good;
  const times = timesOf(counted);
  const begun = Math.min(...counted.map(({ at }) => at));
  const ended = Math.max(...counted.map(({ at, milliseconds }) => at + milliseconds));
  const failed = { timeout: 0, bound: 0, other: 0 };
  for (const { failure } of samples) if (failure !== undefined) failed[kindOf(failure)] += 1;
  return {
    clients,
    calls: samples.length,
    rate: counted.length > 0 ? (counted.length * 1000) / (ended - begun) : 0,
    p50: at(times, 50),
    p95: at(times, 95),
    p99: at(times, 99),
    failed,
  };
}

/** The times of those calls that gave what is expected of them, by percentile. */
export function distributionOf(samples: readonly Sample[]): ToolFigures["distribution"] {
  const times = timesOf(samples.filter(({ failure }) => failure === undefined));
  return Array.from({ length: 100 }, (_, index) => {
    const percentile = index + 0.5;
    return { percentile, milliseconds: at(times, percentile) };
  });
}

/** In microseconds. */
function timesOf(samples: readonly Sample[]): Histogram {
  const times = build({ highestTrackableValue: 200_000_000, numberOfSignificantValueDigits: 3 });
  for (const { milliseconds } of samples) times.recordValue(Math.max(1, Math.round(milliseconds * 1000)));
  return times;
}

const at = (times: Histogram, percentile: number) => times.getValueAtPercentile(percentile) / 1000;

/** By the gateway's own words. */
function kindOf(failure: string): FailureKind {
  if (failure.includes("did not answer within")) return "timeout";
  return failure.includes(BOUND) ? "bound" : "other";
}
