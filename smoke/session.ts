import {
  Client as ModernClient,
  StreamableHTTPClientTransport as ModernTransport,
} from "@modelcontextprotocol/client";
import { Client as LegacyClient } from "@modelcontextprotocol/sdk/client/index.js";
import { StreamableHTTPClientTransport as LegacyTransport } from "@modelcontextprotocol/sdk/client/streamableHttp.js";
import { z } from "zod";
import { failureOf, type RequestFailure, timeoutFailure } from "./failure.ts";
import { type Traffic, watchTraffic } from "./traffic.ts";

/** The two ways that clients speak: with `initialize` (2025-11-25 and older), and without (2026-07-28). */
export type Era = "2026-07-28" | "2025-11-25";

/** Both eras, the newer one first. */
export const eras: readonly Era[] = ["2026-07-28", "2025-11-25"];

/** Any JSON object. */
export type JsonObject = Record<string, unknown>;

/** One client, connected in one era. */
export interface Session {
  readonly era: Era;
  /**
   * One request and its raw result.
   *
   * @param limit longest time for it, in milliseconds.
   * @throws RequestFailure
   */
  request(method: string, params: JsonObject, limit: number): Promise<JsonObject>;
  /** Ends the session and every connection of it. Never throws. */
  close(): Promise<void>;
}

/** Where and as whom to connect. */
export interface ConnectOptions {
  endpoint: URL;
  era: Era;
  /** Bearer token; absent where the gateway asks for none. */
  token?: string;
  /** Longest time for the handshake, in milliseconds. */
  limit: number;
  /** Ends the session and everything in it. */
  signal: AbortSignal;
}

/** By what name the smoke test introduces itself. */
export const clientInfo = { name: "mcp-infra-smoke", version: "0.1.0" };

/** Accepts every result as it is: unknown fields and content types are no fault (design decision 12). */
const anyResult = z.looseObject({});

/** The SDKs' own timers must never be first: ours tell which limit it was. */
const noTimeout = { timeout: 86_400_000, maxTotalTimeout: 86_400_000 };

/**
 * Connects the SDK client of an era.
 *
 * @throws RequestFailure when the endpoint can't be reached, refuses, or is no MCP server of that era.
 */
export async function connect({ endpoint, era, token, limit, signal }: ConnectOptions): Promise<Session> {
  const traffic = watchTraffic(signal);
  const client = era === "2026-07-28" ? modern() : legacy();
  const options = {
    fetch: traffic.fetch,
    requestInit: token ? { headers: { authorization: `Bearer ${token}` } } : {},
  };
  const close = await guarded(traffic, limit, signal, (within) =>
    client.open(endpoint, options, within),
  ).catch(async (error: unknown) => {
    await client.abandon();
    throw error;
  });
  return {
    era,
    request: (method, params, limit) =>
      guarded(traffic, limit, signal, (within) => client.request(method, params, within)),
    close,
  };
}

async function guarded<T>(
  traffic: Traffic,
  limit: number,
  signal: AbortSignal,
  work: (signal: AbortSignal) => Promise<T>,
): Promise<T> {
  traffic.seen = {};
  const timer = new AbortController();
  let late: RequestFailure | undefined;
  const timeout = setTimeout(() => {
    // What was seen until now: the older client says goodbye with one more POST when it is cancelled.
    late = timeoutFailure(traffic.seen, limit);
    timer.abort();
  }, limit);
  try {
    return await work(AbortSignal.any([signal, timer.signal]));
  } catch (error) {
    signal.throwIfAborted();
    throw late ?? failureOf(error, traffic.seen);
  } finally {
    clearTimeout(timeout);
  }
}

interface OpenOptions {
  fetch: Traffic["fetch"];
  requestInit: RequestInit;
}

interface SdkClient {
  open(endpoint: URL, options: OpenOptions, signal: AbortSignal): Promise<() => Promise<void>>;
  request(method: string, params: JsonObject, signal: AbortSignal): Promise<JsonObject>;
  abandon(): Promise<void>;
}

function modern(): SdkClient {
  const client = new ModernClient(clientInfo, { versionNegotiation: { mode: { pin: "2026-07-28" } } });
  const abandon = () => client.close().catch(() => {});
  return {
    open: async (endpoint, options, signal) => {
      await untilAborted(
        client.connect(new ModernTransport(endpoint, options), { ...noTimeout, signal }),
        signal,
      );
      return abandon;
    },
    request: (method, params, signal) =>
      client.request({ method, params }, anyResult, { ...noTimeout, signal }),
    abandon,
  };
}

function legacy(): SdkClient {
  const client = new LegacyClient(clientInfo);
  const abandon = () => client.close().catch(() => {});
  return {
    open: async (endpoint, options, signal) => {
      const transport = new LegacyTransport(endpoint, options);
      await untilAborted(client.connect(transport, { ...noTimeout, signal }), signal);
      return async () => {
        await transport.terminateSession().catch(() => {});
        await abandon();
      };
    },
    request: (method, params, signal) =>
      client.request({ method, params }, anyResult, { ...noTimeout, signal }),
    abandon,
  };
}

/** A handshake has steps that heed no signal, such as the notification at its end. */
async function untilAborted<T>(work: Promise<T>, signal: AbortSignal): Promise<T> {
  work.catch(() => {});
  const aborted = new Promise<never>((_, reject) => {
    if (signal.aborted) reject(signal.reason);
    signal.addEventListener("abort", () => reject(signal.reason), { once: true });
  });
  aborted.catch(() => {});
  return Promise.race([work, aborted]);
}
