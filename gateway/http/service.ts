import type { JsonObject, RpcNotification, RpcRequest } from "../protocol/messages.ts";
import type { Client } from "../sessions/client.ts";
import type { Changes } from "../subscriptions/changes.ts";
import type { TraceContext } from "../tracing/context.ts";
import type { Trace } from "../tracing/trace.ts";

/** What a service says of itself to one caller, in `initialize` and `server/discover`. */
export interface Description {
  serverInfo: { name: string; version: string };
  capabilities: JsonObject;
  instructions?: string;
}

/** All that surrounds one request. */
export interface Exchange<Caller> {
  caller: Caller;
  /** Fires when the caller is gone or cancels. */
  signal: AbortSignal;
  /** Our own id of the HTTP request, for logs. */
  requestId: string;
  /** Sends a notification that belongs to the request, such as progress; absent when nobody would get it. */
  notify?: (notification: RpcNotification) => void;
  /** The client, where it has more part in the request than to wait for its answer. */
  client?: Client;
  /** The era of the request; absent: the older one. */
  era?: "modern" | "legacy";
  /** Whether {@link McpService.authorize} has let it pass; a request in a batch is not asked about. */
  judged?: boolean;
  /** The `Mcp-Param-*` headers of the request (SEP-2243). */
  parameterHeaders: Record<string, string>;
  /** The trace that the HTTP request says it is a part of. */
  traceContext?: TraceContext;
  /** The trace that the request belongs to, when it does. */
  trace?: Trace;
}

/** Who may not, and how HTTP says so. */
export interface Refusal {
  /** 429: the caller has had its calls for now. 503: who it is can't be found out now. */
  status: 401 | 403 | 429 | 503;
  message: string;
  /** `data` of the JSON-RPC error. */
  data?: unknown;
  /** `WWW-Authenticate` header (RFC 6750, section 3). */
  challenge?: string;
  /** `Retry-After` header, in whole seconds (RFC 9110, section 10.2.3). */
  retryAfterSeconds?: number;
}

/** How sessions are kept. */
export interface SessionSettings<Caller> {
  /** How many there may be at once. */
  max: number;
  /** How long one may go unused, in milliseconds. */
  idleMs: number;
  /** Whose a session is: nobody else can use it. */
  subject(caller: Caller): string;
}

/**
 * What is served over streamable HTTP, apart from the protocol's own business: the gateway's router, or the
 * one server behind a bridge.
 */
export interface McpService<Caller> {
  /** Names the caller, or refuses. */
  authenticate(
    authorization: string | undefined,
  ): { caller: Caller } | Refusal | Promise<{ caller: Caller } | Refusal>;
  /** Judges a request before it is served, so that a refusal can be an HTTP status. */
  authorize?(
    caller: Caller,
    request: RpcRequest,
    requestId: string,
  ): Refusal | undefined | Promise<Refusal | undefined>;
  describe(caller: Caller): Promise<Description>;
  /** Sessions for older clients that can be asked something; absent: nobody gets one. */
  sessions?: SessionSettings<Caller>;
  /** What changes that clients may hear of; absent: nothing does. */
  changes?: Changes<Caller>;
  /** One request, raw in and raw out. Throws RpcError. */
  handle(request: RpcRequest, exchange: Exchange<Caller>): Promise<JsonObject>;
  /** Told of every request that was answered. */
  answered?(caller: Caller | undefined, method: string, status: number): void;
  /** Told of every caller that was turned away before a request was read. */
  refused?(reason: "host_or_origin"): void;
}
