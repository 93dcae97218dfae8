import { randomUUID } from "node:crypto";
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import { isJsonContentType } from "@modelcontextprotocol/server";
import { CODE, isObject, RpcError, type RpcRequest } from "../protocol/messages.ts";
import { sessionLeg } from "../sessions/leg.ts";
import { readContext } from "../tracing/context.ts";
import { readBody, sendJson, sendRpcError } from "./body.ts";
import { drainOf } from "./drain.ts";
import { corsHeaders, type GuardOptions, guard, PREFLIGHT_HEADERS } from "./guard.ts";
import { encodeResult, plainCall, statusOf } from "./plain-call.ts";
import { sdkPath } from "./sdk-path.ts";
import type { Exchange, McpService, Refusal } from "./service.ts";

/** A page beside the MCP endpoint, such as `/health`; it may say that the program is about to end. */
export type Page = (asked: { draining: boolean; request: IncomingMessage }) => Promise<{
  status: number;
  type: string;
  body: string;
  headers?: Record<string, string | string[]>;
}>;

/** The page that a liveness probe asks: there is an answer as long as the program gets to answer. */
export const livePage: Page = async () => ({
  status: 200,
  type: "application/json",
  body: '{"status":"ok"}',
});

/** Options of {@link mcpListener}. */
export interface ListenerOptions extends GuardOptions {
  /** Path of the MCP endpoint. */
  path: string;
  /** Largest request body, in bytes. */
  maxRequestBytes: number;
  /** Other pages by path, answered to GET without a token. */
  pages: Record<string, Page>;
  /** Told of faults that have no other way out; never with a request's content. */
  onError: (error: Error) => void;
}

/** An HTTP server with one MCP endpoint. */
export interface Listener {
  server: Server;
  /** Takes no more connections, answers what comes on those there are, at most `deadlineMs` milliseconds. */
  drain(deadlineMs: number): Promise<void>;
}

/** Serves a service over streamable HTTP, in both protocol eras on one path. */
export function mcpListener<Caller>(service: McpService<Caller>, options: ListenerOptions): Listener {
  const sdk = sdkPath(service, options.onError);
  const sessions = sessionLeg(service, options.onError);

  async function respond(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const path = (request.url ?? "/").split("?", 1)[0] ?? "/";
    const reads = request.method === "GET" || request.method === "HEAD";
    const page = reads && Object.hasOwn(options.pages, path) ? options.pages[path] : undefined;
    const refusal = guard(request, { ...options, addressesToo: page !== undefined });
    if (refusal) {
      service.refused?.("host_or_origin");
      return sendRpcError(response, 403, { code: CODE.http, message: refusal });
    }
    for (const [name, value] of Object.entries(corsHeaders(request.headers.origin))) {
      response.setHeader(name, value);
    }
    if (page) {
      const { status, type, body, headers } = await page({ draining: drain.draining, request });
      response.writeHead(status, { ...headers, "content-type": type, "cache-control": "no-store" });
      return void response.end(body);
    }
    const known = path === options.path || Object.hasOwn(options.pages, path);
    if (known && request.method === "OPTIONS" && request.headers.origin) {
      response.writeHead(204, PREFLIGHT_HEADERS);
      return void response.end();
    }
    if (path !== options.path) {
      return sendJson(response, 404, { error: `Not found. The MCP endpoint is ${options.path}` });
    }
    await endpoint(request, response);
  }

  async function endpoint(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const known = await service.authenticate(request.headers.authorization);
    if ("status" in known) return refuse(response, known);
    const { caller } = known;
    if (request.method !== "POST") return other(request, response, caller);
    if (!isJsonContentType(request.headers["content-type"] ?? null)) {
      const message = "Unsupported media type: Content-Type must be application/json";
      return sendRpcError(response, 415, { code: CODE.http, message });
    }
    const text = await readBody(request, options.maxRequestBytes);
    if (text === undefined) {
      const message = `Payload too large: a request may have ${options.maxRequestBytes} bytes`;
      return sendRpcError(response, 413, { code: CODE.http, message }, { headers: { connection: "close" } });
    }
    let body: unknown;
    try {
      body = JSON.parse(text);
    } catch {
      const message = "Parse error: the request body is not valid JSON";
      return sendRpcError(response, 400, { code: CODE.parseError, message });
    }
    await message(request, response, caller, body);
  }

  /** GET and DELETE, where there are streams to open and sessions to end. */
  async function other(request: IncomingMessage, response: ServerResponse, caller: Caller): Promise<void> {
    if (request.method === "GET" || request.method === "DELETE") {
      drain.excuse(response);
      if (await sessions.open(request, response, exchangeOf(request, response, caller))) return;
    }
    const message = "Method not allowed: this endpoint takes POST, and GET only for an event stream";
    sendRpcError(response, 405, { code: CODE.http, message }, { headers: { allow: "POST" } });
  }

  function exchangeOf(request: IncomingMessage, response: ServerResponse, caller: Caller): Exchange<Caller> {
    const requestId = randomUUID();
    const gone = new AbortController();
    response.setHeader("x-request-id", requestId);
    response.once("close", () => {
      if (!response.writableFinished) gone.abort(new Error("the caller is gone"));
    });
    return {
      caller,
      signal: gone.signal,
      requestId,
      parameterHeaders: parameterHeadersOf(request),
      traceContext: readContext(request.headers),
    };
  }

  async function message(request: IncomingMessage, response: ServerResponse, caller: Caller, body: unknown) {
    if (hasTwins(body)) {
      const message = "Invalid Request: two requests of a batch have the same id";
      return sendRpcError(response, 400, { code: CODE.invalidRequest, message });
    }
    const exchange = exchangeOf(request, response, caller);
    const single =
      isObject(body) && typeof body.method === "string" ? (body as unknown as RpcRequest) : undefined;
    const method = single?.method ?? "";
    // A subscription stays open for good; a shutdown does not wait for it.
    if (method === "subscriptions/listen") drain.excuse(response);
    response.once("close", () => service.answered?.(caller, method, response.statusCode));
    if (single?.id !== undefined && service.authorize) {
      const refusal = await service.authorize(caller, single, exchange.requestId);
      if (refusal) return refuse(response, refusal, single.id);
      exchange.judged = true;
    }
    if (sessions.takes(request, body)) return sessions.serve(request, response, body, exchange);
    const plain = plainCall(request.headers, body);
    if (!plain) return sdk.serve(request, response, body, exchange);
    const { id } = plain.request;
    exchange.client = plain.client;
    exchange.era = plain.era;
    try {
      const result = await service.handle(plain.request, exchange);
      const { serverInfo } = await service.describe(caller);
      sendJson(response, 200, {
        jsonrpc: "2.0",
        id,
        result: encodeResult(plain.era, result, serverInfo, plain.request.method),
      });
    } catch (error) {
      if (!(error instanceof RpcError)) throw error;
      sendRpcError(response, statusOf(plain.era, error.code), error, { id });
    }
  }

  const server = createServer({ connectionsCheckingInterval: 2000 }, (request, response) => {
    drain.begin(response);
    respond(request, response).catch((error: unknown) => {
      options.onError(error instanceof Error ? error : new Error(String(error)));
      if (response.headersSent) response.destroy();
      else sendRpcError(response, 500, { code: CODE.internal, message: "Internal error" });
    });
  });
  // Slow senders: the headers within 10 s, the whole request within 60 s; answers may take as long as they need.
  server.headersTimeout = 10_000;
  server.requestTimeout = 60_000;
  server.keepAliveTimeout = 15_000;
  server.maxConnections = 10_000;
  const drain = drainOf(server);

  return {
    server,
    drain: (deadlineMs) =>
      drain.end(deadlineMs, async () => {
        sessions.close();
        await sdk.close();
      }),
  };
}

function refuse(response: ServerResponse, refusal: Refusal, id?: RpcRequest["id"]): void {
  const { status, message, data, challenge, retryAfterSeconds } = refusal;
  const headers = {
    ...(challenge && { "www-authenticate": challenge }),
    ...(retryAfterSeconds && { "retry-after": String(retryAfterSeconds) }),
  };
  sendRpcError(response, status, { code: CODE.http, message, data }, { id, headers });
}

/** Whether two requests of a batch have one id: both would be carried out, and one answered. */
function hasTwins(body: unknown): boolean {
  if (!Array.isArray(body)) return false;
  const ids = body.filter((each) => isObject(each) && "method" in each && "id" in each).map(({ id }) => id);
  return new Set(ids).size < ids.length;
}

function parameterHeadersOf(request: IncomingMessage): Record<string, string> {
  const found: Record<string, string> = {};
  for (const [name, value] of Object.entries(request.headers)) {
    if (name.startsWith("mcp-param-") && typeof value === "string") found[name] = value;
  }
  return found;
}
