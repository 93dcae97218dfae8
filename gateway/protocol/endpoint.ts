import { CLIENT_INFO, describe, encode, enveloped, unpack, withCallersToken, withOwnToken } from "./codec.ts";
import { type HttpResponse, type HttpSender, readText } from "./exchange.ts";
import {
  CODE,
  encodeHeaderValue,
  isObject,
  type JsonObject,
  LEGACY_VERSIONS,
  META,
  MODERN_VERSION,
  metaOf,
  mirroredName,
  RpcError,
  type RpcNotification,
} from "./messages.ts";
import { serverSentEvents } from "./sse.ts";

/** What an endpoint said of itself when it was first asked. */
export interface Negotiated {
  era: "modern" | "legacy";
  /** The protocol revision in use. */
  version: string;
  capabilities: JsonObject;
  /** `name`, `version` and what else the server says of itself; empty when it keeps silent. */
  serverInfo: JsonObject;
  instructions?: string;
  /** Session of a server that keeps one (older era). */
  session?: string;
}

/** The endpoint answered HTTP, but not MCP: a status, or a body of another kind. */
export class HttpFailure extends Error {
  override readonly name = "HttpFailure";
  readonly status: number;
  /** The `Retry-After` header, in milliseconds. */
  readonly retryAfterMs: number | undefined;

  constructor(status: number, message: string, retryAfterMs?: number) {
    super(message);
    this.status = status;
    this.retryAfterMs = retryAfterMs;
  }
}

/** Options of one request. */
export interface ExchangeOptions {
  /** Ends the request, and tells the server so. */
  signal: AbortSignal;
  /** Notifications that the server sends with this request, such as progress. */
  onNotification?: (notification: RpcNotification) => void;
  /** Further request headers, such as `Mcp-Param-*`. */
  headers?: Record<string, string>;
}

/** Longest wait for the rest of a stream after its answer came, before the connection is given up. */
const DRAIN_MS = 1000;

/** Largest answer, in bytes, with all notifications before it: one server must not use up everybody's memory. */
const MAX_ANSWER_BYTES = 32 * 1024 * 1024;

/**
 * The client's half of streamable HTTP for one endpoint, in both eras: 2026-07-28 (every request carries its
 * envelope) and older ones (`initialize`, perhaps a session). Everything passes raw. It declares no client
 * capability, so that no server asks anything back.
 */
export class McpEndpoint {
  readonly #send: HttpSender;
  readonly #headers: Record<string, string>;
  #lastId = 0;

  constructor(send: HttpSender, headers: Record<string, string> = {}) {
    this.#send = send;
    this.#headers = headers;
  }

  /**
   * Finds out which era the endpoint speaks: `server/discover` first, then the handshake of the older one.
   *
   * @throws HttpFailure when it is no MCP server or refuses us; what the sender threw when it can't be reached.
   */
  async negotiate(signal: AbortSignal): Promise<Negotiated> {
    const modern = { era: "modern", version: MODERN_VERSION, capabilities: {}, serverInfo: {} } as const;
    try {
      const found = await this.request(modern, "server/discover", {}, { signal });
      if (Array.isArray(found.supportedVersions) && found.supportedVersions.includes(MODERN_VERSION)) {
        return { ...modern, ...describe(found, metaOf(found)?.[META.serverInfo]) };
      }
    } catch (error) {
      // Older servers answer in many ways: an error, 400 for the missing session, 404, 406, even 500.
      const refused = error instanceof HttpFailure && (error.status === 401 || error.status === 403);
      if (refused || !(error instanceof HttpFailure || error instanceof RpcError)) throw error;
    }
    return this.#initialize(signal);
  }

  async #initialize(signal: AbortSignal): Promise<Negotiated> {
    const unnegotiated = { era: "legacy", version: "", capabilities: {}, serverInfo: {} } as const;
    const params = { protocolVersion: LEGACY_VERSIONS[0], capabilities: {}, clientInfo: CLIENT_INFO };
    let session: string | undefined;
    const result = await this.request(unnegotiated, "initialize", params, { signal }, (response) => {
      session = headerOf(response, "mcp-session-id");
    });
    const version = result.protocolVersion;
    if (typeof version !== "string") throw new HttpFailure(200, "its answer to initialize names no version");
    const negotiated = {
      ...unnegotiated,
      ...describe(result, result.serverInfo),
      version,
      ...(session && { session }),
    };
    await this.notify(negotiated, "notifications/initialized", undefined, signal);
    return negotiated;
  }

  /**
   * One request and its raw result.
   *
   * @throws RpcError the server's own error; HttpFailure any other answer; else what the sender threw.
   */
  async request(
    to: Negotiated,
    method: string,
    params: JsonObject,
    options: ExchangeOptions,
    onResponse?: (response: HttpResponse) => void,
  ): Promise<JsonObject> {
    const id = ++this.#lastId;
    const cancel = () => {
      // In the newer era the end of the HTTP exchange is the cancellation.
      if (to.era === "modern" || method === "initialize") return;
      const reason = { requestId: id, reason: "cancelled by the caller, or timed out" };
      this.notify(to, "notifications/cancelled", reason, AbortSignal.timeout(DRAIN_MS)).catch(() => {});
    };
    options.signal.addEventListener("abort", cancel, { once: true });
    try {
      const { params: sent, token } = withOwnToken(params, id);
      const message = { jsonrpc: "2.0", id, method, params: to.era === "modern" ? enveloped(sent) : sent };
      const headers = { ...options.headers, ...this.#requestHeaders(to, method, params) };
      const body = encode(message);
      const response = await this.#send({ method: "POST", headers, body, signal: options.signal });
      onResponse?.(response);
      return await this.#result(to, id, response, options, token);
    } finally {
      options.signal.removeEventListener("abort", cancel);
    }
  }

  /** One notification; its acknowledgement is awaited, its content ignored. */
  async notify(
    to: Negotiated,
    method: string,
    params: JsonObject | undefined,
    signal: AbortSignal,
  ): Promise<void> {
    await this.#post(to, { jsonrpc: "2.0", method, ...(params && { params }) }, method, params, signal);
  }

  /** Ends the session of a server that keeps one; failures don't matter. */
  async end(to: Negotiated, signal: AbortSignal): Promise<void> {
    if (!to.session) return;
    const headers = this.#requestHeaders(to, "", undefined);
    const response = await this.#send({ method: "DELETE", headers, signal }).catch(() => undefined);
    response?.body.destroy();
  }

  async #post(to: Negotiated, message: JsonObject, method: string, params: unknown, signal: AbortSignal) {
    const headers = this.#requestHeaders(to, method, params);
    const response = await this.#send({ method: "POST", headers, body: JSON.stringify(message), signal });
    await readText(response.body, 1000);
  }

  #requestHeaders(to: Negotiated, method: string, params: unknown): Record<string, string> {
    const headers: Record<string, string> = {
      ...this.#headers,
      "content-type": "application/json",
      accept: "application/json, text/event-stream",
    };
    if (to.version) headers["mcp-protocol-version"] = to.version;
    if (to.session) headers["mcp-session-id"] = to.session;
    if (to.era === "modern") {
      headers["mcp-method"] = method;
      const name = mirroredName(method, params);
      if (name !== undefined) headers["mcp-name"] = encodeHeaderValue(name);
    }
    return headers;
  }

  async #result(
    to: Negotiated,
    id: number,
    response: HttpResponse,
    options: ExchangeOptions,
    token: unknown,
  ) {
    const type = (headerOf(response, "content-type") ?? "").split(";")[0]?.trim().toLowerCase() ?? "";
    if (response.status === 200 && type === "text/event-stream") {
      return await this.#fromStream(to, id, response, options, token);
    }
    if (response.status === 200 && type === "application/json") {
      const answer = parse(await readText(limited(response.body)));
      const found = (Array.isArray(answer) ? answer : [answer]).find(
        (each) => isObject(each) && each.id === id,
      );
      if (isObject(found)) return unpack(found);
      throw new HttpFailure(200, "answers JSON that is no JSON-RPC response to the request");
    }
    const text = await readText(response.body, 2000);
    const error = type === "application/json" ? parse(text) : undefined;
    // The newer era puts some errors on 400 and 404; with the request's own id they are about the request.
    if (to.era === "modern" && isObject(error) && error.id === id && isObject(error.error)) unpack(error);
    const location = headerOf(response, "location");
    const detail = location ? `, a redirect to ${new URL(location, "http://x").pathname}` : "";
    // Short, since it is the server that chose these words, and they stand in logs and in `/health`.
    throw new HttpFailure(
      response.status,
      `HTTP ${response.status}${type && ` ${type}`}${detail}`.slice(0, 100),
      retryAfter(headerOf(response, "retry-after")),
    );
  }

  async #fromStream(
    to: Negotiated,
    id: number,
    response: HttpResponse,
    options: ExchangeOptions,
    token: unknown,
  ) {
    const events = serverSentEvents(limited(response.body));
    for (;;) {
      const { done, value: event } = await events.next();
      if (done) throw new HttpFailure(200, "ended its event stream without an answer");
      const message = event.data === "" ? undefined : parse(event.data);
      if (!isObject(message)) continue;
      if (message.id === id && typeof message.method !== "string") {
        // The rest of the stream is read so that its connection can serve again, but nobody waits for it.
        const giveUp = setTimeout(() => response.body.destroy(), DRAIN_MS).unref();
        const drain = async () => {
          while (!(await events.next()).done);
          clearTimeout(giveUp);
        };
        drain().catch(() => {});
        return unpack(message);
      }
      if (typeof message.method !== "string") continue;
      if (message.id === undefined) options.onNotification?.(withCallersToken(message as never, id, token));
      else this.#decline(to, message, options.signal);
    }
  }

  /** A server may only ask back what the client declared; we declared nothing, so only `ping` gets an answer. */
  #decline(to: Negotiated, message: JsonObject, signal: AbortSignal) {
    const error = { code: CODE.methodNotFound, message: "The gateway declares no client capability" };
    const answer = message.method === "ping" ? { result: {} } : { error };
    this.#post(to, { jsonrpc: "2.0", id: message.id, ...answer }, "", undefined, signal).catch(() => {});
  }
}

async function* limited(body: HttpResponse["body"]): AsyncGenerator<Uint8Array> {
  let length = 0;
  for await (const chunk of body) {
    length += chunk.length;
    if (length > MAX_ANSWER_BYTES)
      throw new HttpFailure(200, `answers with more than ${MAX_ANSWER_BYTES} bytes`);
    yield chunk;
  }
}

function headerOf(response: HttpResponse, name: string): string | undefined {
  const value = response.headers[name];
  return Array.isArray(value) ? value[0] : value;
}

/** Seconds, or a date (RFC 9110, section 10.2.3). */
function retryAfter(value: string | undefined): number | undefined {
  if (value === undefined) return undefined;
  const ms = /^\d+$/.test(value) ? Number(value) * 1000 : Date.parse(value) - Date.now();
  return Number.isFinite(ms) ? Math.max(0, ms) : undefined;
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
