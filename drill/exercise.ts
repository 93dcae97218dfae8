import { setTimeout as pause } from "node:timers/promises";
import type { ExampleCall } from "../profile/calls.ts";
import { load, type Sample } from "../profile/load.ts";
import { serverHealth } from "./health.ts";
import type { Fault, Victim } from "./victim.ts";

/** One fault at one server, and everything that was seen of it. Times as `performance.now()` tells them. */
export interface Observation {
  server: string;
  fault: Fault;
  /** Calls whose server had the fault, or has it in its group. */
  struck: Sample[];
  /** Calls to all other servers, made at the same time. */
  others: Sample[];
  inflictedAt: number;
  relievedAt: number;
  /** When the gateway's health first said that the server is down. */
  noticedAt?: number;
  /** When it first said, after the relief, that it is up again. */
  returnedAt?: number;
}

/** What an exercise works with. */
export interface ExerciseOptions {
  /** URL of the gateway's MCP endpoint. */
  endpoint: URL;
  victim: Victim;
  fault: Fault;
  /** Calls that the victim, or another of its group, serves; at least one. */
  struck: readonly ExampleCall[];
  /** Calls to all other servers. */
  others: readonly ExampleCall[];
  clients: number;
  /** How long each client rests after a call, in milliseconds. */
  restMs: number;
  /** How long the fault lasts, in milliseconds. */
  holdMs: number;
  /** Ends it early; the relief is still given. */
  signal: AbortSignal;
}

/** How long all is well before the fault, and after the server's return, in milliseconds. */
const QUIET_MS = 1_000;

/** Longest wait for a server that has had its relief, in milliseconds. */
const RETURN_MS = 60_000;

const POLL_MS = 50;

/**
 * Puts a gateway under load, does something to one of its servers, and watches until that serves again.
 *
 * @returns `undefined` when it was ended early: half an observation says nothing.
 */
export async function exercise(options: ExerciseOptions): Promise<Observation | undefined> {
  const { endpoint, victim, fault, clients, restMs, holdMs, signal } = options;
  const over = new AbortController();
  const struck: Sample[] = [];
  const others: Sample[] = [];
  const traffic = Promise.all([
    load({
      endpoint,
      calls: options.struck,
      clients,
      restMs,
      signal: over.signal,
      onSample: (each) => struck.push(each),
    }),
    load({
      endpoint,
      calls: options.others,
      clients: Math.min(1, options.others.length),
      restMs,
      signal: over.signal,
      onSample: (each) => others.push(each),
    }),
  ]);
  try {
    await quiet(QUIET_MS, signal);
    if (signal.aborted) return undefined;
    const inflictedAt = performance.now();
    const relieve = await victim.inflict(fault);
    let noticedAt: number | undefined;
    try {
      noticedAt = await until(endpoint, victim.server, "down", inflictedAt + holdMs, signal);
      await quiet(Math.max(0, inflictedAt + holdMs - performance.now()), signal);
    } finally {
      await relieve();
    }
    const relievedAt = performance.now();
    const returnedAt = await until(endpoint, victim.server, "up", relievedAt + RETURN_MS, signal);
    await quiet(QUIET_MS, signal);
    if (signal.aborted) return undefined;
    return {
      server: victim.server,
      fault,
      struck,
      others,
      inflictedAt,
      relievedAt,
      ...(noticedAt !== undefined && { noticedAt }),
      ...(returnedAt !== undefined && { returnedAt }),
    };
  } finally {
    over.abort();
    await traffic;
  }
}

async function until(
  endpoint: URL,
  server: string,
  wanted: "up" | "down",
  deadline: number,
  signal: AbortSignal,
): Promise<number | undefined> {
  while (performance.now() < deadline && !signal.aborted) {
    const asked = Math.max(1, deadline - performance.now());
    if ((await serverHealth(endpoint, server, asked)) === wanted) return performance.now();
    await quiet(POLL_MS, signal);
  }
  return undefined;
}

/** Ends early, without a fault of its own, when the drill does. */
async function quiet(milliseconds: number, signal: AbortSignal): Promise<void> {
  await pause(milliseconds, undefined, { signal }).catch(() => undefined);
}
