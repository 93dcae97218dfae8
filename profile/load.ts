import { setTimeout as pause } from "node:timers/promises";
import { Connections } from "../gateway/connections.ts";
import { McpEndpoint, type Negotiated } from "../gateway/protocol/endpoint.ts";
import { type JsonObject, MODERN_VERSION, RpcError } from "../gateway/protocol/messages.ts";
import { textOf } from "../smoke/result-text.ts";
import type { ExampleCall } from "./calls.ts";
import { type Refusal, refusalOf } from "./refusal.ts";

/** One call that was made, and how it ended. */
export interface Sample {
  call: ExampleCall;
  /** When it began, as `performance.now()` tells it. */
  at: number;
  milliseconds: number;
  /** Why it gave not what is expected of it, in words of the gateway's; absent when it did. */
  failure?: string;
  /** What turned it away before it was made, where something did: then nothing has failed. */
  refused?: Refusal["by"];
}

/** What puts a gateway under load. */
export interface LoadOptions {
  endpoint: URL;
  /** Made in turn by each client; at least one. */
  calls: readonly ExampleCall[];
  /** How many calls are under way at the same time. */
  clients: number;
  /** How long a client rests after a call, in milliseconds; absent: not at all. */
  restMs?: number;
  /** Ends the load; calls under way are finished first. */
  signal: AbortSignal;
  onSample: (sample: Sample) => void;
}

/** Longest time for one call before it counts as lost, in milliseconds: any gateway's own limit is shorter. */
const LIMIT_MS = 120_000;

/** How long a client rests that was turned away: when it is not told, and at most. */
const REFUSED_MS = { usual: 100, longest: 1_000 };

const modern: Negotiated = { era: "modern", version: MODERN_VERSION, capabilities: {}, serverInfo: {} };

/**
 * Calls as fast as the answers come, or as the options and the gateway's limits have it, by so many clients, until the
 * signal. Every call is in a sample.
 */
export async function load(options: LoadOptions): Promise<void> {
  const { endpoint, calls, clients, restMs = 0, signal, onSample } = options;
  const connections = new Connections({ url: endpoint });
  const endpoints = new Map(
    calls.map(({ token }) => [
      token,
      new McpEndpoint(connections.send, token ? { authorization: `Bearer ${token}` } : {}),
    ]),
  );
  const client = async (first: number) => {
    for (let turn = first; !signal.aborted; turn++) {
      const call = calls[turn % calls.length];
      const to = call && endpoints.get(call.token);
      if (!to) return;
      const at = performance.now();
      const { waitMs = restMs, ...ending } = await made(to, call);
      onSample({ call, at, milliseconds: performance.now() - at, ...ending });
      if (waitMs > 0) await pause(waitMs, undefined, { signal }).catch(() => undefined);
    }
  };
  try {
    await Promise.all(Array.from({ length: clients }, (_, index) => client(index)));
  } finally {
    await connections.close();
  }
}

/** How a call ended, and how long to wait after it. */
type Ending = Pick<Sample, "failure" | "refused"> & { waitMs?: number };

async function made(to: McpEndpoint, call: ExampleCall): Promise<Ending> {
  const late = new AbortController();
  const timer = setTimeout(() => late.abort(), LIMIT_MS);
  try {
    const params = { name: call.name, arguments: call.arguments };
    return judge(await to.request(modern, "tools/call", params, { signal: late.signal }), call);
  } catch (error) {
    return late.signal.aborted ? { failure: `no answer within ${LIMIT_MS} ms` } : endingOf(error);
  } finally {
    clearTimeout(timer);
  }
}

function endingOf(error: unknown): Ending {
  const failure = error instanceof RpcError ? error.message : `no answer: ${nameOf(error)}`;
  const refusal = refusalOf(error);
  if (!refusal) return { failure };
  const waitMs = Math.min(refusal.retryAfterMs ?? REFUSED_MS.usual, REFUSED_MS.longest);
  return { failure, refused: refusal.by, waitMs };
}

function judge(result: JsonObject, { contains }: ExampleCall): Ending {
  if (result.isError === true) return { failure: "the tool says that it failed" };
  if (contains !== undefined && !textOf(result).includes(contains))
    return { failure: "its result is not the expected one" };
  return {};
}

function nameOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
