import { Connections } from "../gateway/connections.ts";
import { McpEndpoint, type Negotiated } from "../gateway/protocol/endpoint.ts";
import { type JsonObject, MODERN_VERSION, RpcError } from "../gateway/protocol/messages.ts";
import { textOf } from "../smoke/result-text.ts";
import type { ExampleCall } from "./calls.ts";

/** One call that was made, and how it ended. */
export interface Sample {
  call: ExampleCall;
  /** When it began, as `performance.now()` tells it. */
  at: number;
  milliseconds: number;
  /** Why it failed, in words of the gateway's; absent when it gave what is expected of it. */
  failure?: string;
}

/** What puts a gateway under load. */
export interface LoadOptions {
  endpoint: URL;
  /** Made in turn by each client; at least one. */
  calls: readonly ExampleCall[];
  /** How many calls are under way at the same time. */
  clients: number;
  /** Ends the load; calls under way are finished first. */
  signal: AbortSignal;
  onSample: (sample: Sample) => void;
}

/** Longest time for one call before it counts as lost, in milliseconds: any gateway's own limit is shorter. */
const LIMIT_MS = 120_000;

const modern: Negotiated = { era: "modern", version: MODERN_VERSION, capabilities: {}, serverInfo: {} };

/** Calls as fast as the answers come, by so many clients, until the signal. Every call is in a sample. */
export async function load({ endpoint, calls, clients, signal, onSample }: LoadOptions): Promise<void> {
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
      const failure = await failureOf(to, call);
      onSample({ call, at, milliseconds: performance.now() - at, ...(failure && { failure }) });
    }
  };
  try {
    await Promise.all(Array.from({ length: clients }, (_, index) => client(index)));
  } finally {
    await connections.close();
  }
}

async function failureOf(to: McpEndpoint, call: ExampleCall): Promise<string | undefined> {
  const late = new AbortController();
  const timer = setTimeout(() => late.abort(), LIMIT_MS);
  try {
    const params = { name: call.name, arguments: call.arguments };
    return judge(await to.request(modern, "tools/call", params, { signal: late.signal }), call);
  } catch (error) {
    if (error instanceof RpcError) return error.message;
    return late.signal.aborted ? `no answer within ${LIMIT_MS} ms` : `no answer: ${nameOf(error)}`;
  } finally {
    clearTimeout(timer);
  }
}

function judge(result: JsonObject, { contains }: ExampleCall): string | undefined {
  if (result.isError === true) return "the tool says that it failed";
  if (contains !== undefined && !textOf(result).includes(contains))
    return "its result is not the expected one";
  return undefined;
}

function nameOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
