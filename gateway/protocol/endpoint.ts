import type { Ask, Client } from "../sessions/client.ts";
import type { ChangeFilter } from "../subscriptions/changes.ts";
import { readAnswer, readStream } from "./answer.ts";
import {
  CLIENT_INFO,
  describe,
  encode,
  enveloped,
  unpack,
  withCallersToken,
  withOwnToken,
  withoutSubscription,
} from "./codec.ts";
import { type HttpResponse, type HttpSender, readText } from "./exchange.ts";
import { HttpFailure, headerOf } from "./http-failure.ts";
import {
  encodeHeaderValue,
  type JsonObject,
  LEGACY_VERSIONS,
  META,
  MODERN_VERSION,
  metaOf,
  mirroredName,
  RpcError,
  type RpcNotification,
} from "./messages.ts";
import { Questions } from "./questions.ts";

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

/** Options of one request. */
export interface ExchangeOptions {
  /** Ends the request, and tells the server so. */
  signal: AbortSignal;
  /** Notifications that the server sends with this request, such as progress. */
  onNotification?: (notification: RpcNotification) => void;
  /** The client, which the server may ask something. */
  client?: Client;
  /** Further request headers, such as `Mcp-Param-*`. */
  headers?: Record<string, string>;
  /** How much was read for the same purpose: one bound holds for all together. */
  read?: { bytes: number };
}

/** Options of {@link McpEndpoint.listen}. */
export interface ListenOptions {
  /** Ends it. */
  signal: AbortSignal;
  /** What to hear of, in the newer era; in the older one a server tells what it likes to. */
  filter: ChangeFilter;
  onNotification: (notification: RpcNotification) => void;
  /** Puts the server's questions to somebody. */
  ask?: Ask;
  /** Further request headers. */
  headers?: Record<string, string>;
}

/** Longest time to send the answer to a server's question. */
const REPLY_MS = 10_000;

/** Longest wait until a server has taken note that a request is cancelled. */
const CANCEL_MS = 1000;

/**
 * The client's half of streamable HTTP for one endpoint, in both eras: 2026-07-28 (every request carries its
 * envelope) and older ones (`initialize`, perhaps a session). Everything passes raw. It declares those capabilities
 * that the client behind a request has, so that no server asks what nobody would answer.
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
    return this.initialize(signal);
  }

  /**
   * The handshake of the older era.
   *
   * @param capabilities what a server may ask in this session.
   * @throws what {@link negotiate} throws.
   */
  async initialize(signal: AbortSignal, capabilities: JsonObject = {}): Promise<Negotiated> {
    const unnegotiated = { era: "legacy", version: "", capabilities: {}, serverInfo: {} } as const;
    const params = { protocolVersion: LEGACY_VERSIONS[0], capabilities, clientInfo: CLIENT_INFO };
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
    const { signal, client, onNotification } = options;
    const id = ++this.#lastId;
    const cancel = () => {
      // In the newer era the end of the HTTP exchange is the cancellation.
      if (to.era === "modern" || method === "initialize") return;
      const reason = { requestId: id, reason: "cancelled by the caller, or timed out" };
      this.notify(to, "notifications/cancelled", reason, AbortSignal.timeout(CANCEL_MS)).catch(() => {});
    };
    signal.addEventListener("abort", cancel, { once: true });
    const questions = new Questions(client?.ask, (answer) => this.#reply(to, answer), signal);
    try {
      const { params: sent, token } = withOwnToken(params, id);
      const message = {
        jsonrpc: "2.0",
        id,
        method,
        params: to.era === "modern" ? enveloped(sent, client) : sent,
      };
      const headers = { ...options.headers, ...this.#requestHeaders(to, method, params) };
      const body = encode(message);
      const response = await this.#send({ method: "POST", headers, body, signal });
      onResponse?.(response);
      return unpack(
        await readAnswer(response, {
          id,
          signal,
          read: options.read,
          anyStatus: to.era === "modern",
          onNotification: (notification) => {
            if (!questions.cancel(notification)) onNotification?.(withCallersToken(notification, id, token));
          },
          onRequest: (request) => questions.put(request),
          resume: (lastEventId) => {
            const after = { ...headers, accept: "text/event-stream", "last-event-id": lastEventId };
            return this.#send({ method: "GET", headers: after, signal });
          },
        }),
      );
    } finally {
      questions.close();
      signal.removeEventListener("abort", cancel);
    }
  }

  /**
   * Hears what the server tells on its own account, until it ends that.
   *
   * @throws HttpFailure when the server has nothing to tell or refuses; RpcError its own error; else what the sender
   *   threw.
   */
  async listen(to: Negotiated, options: ListenOptions): Promise<void> {
    const { signal, filter, onNotification, ask } = options;
    const modern = to.era === "modern";
    const id = ++this.#lastId;
    const method = modern ? "subscriptions/listen" : "";
    const headers = { ...options.headers, ...this.#requestHeaders(to, method, undefined) };
    const params = enveloped({ notifications: filter });
    const response = await this.#send(
      modern
        ? { method: "POST", headers, body: encode({ jsonrpc: "2.0", id, method, params }), signal }
        : { method: "GET", headers: { ...headers, accept: "text/event-stream" }, signal },
    );
    const questions = new Questions(ask, (answer) => this.#reply(to, answer), signal);
    await readStream(response, {
      onNotification: (notification) => {
        if (!questions.cancel(notification)) onNotification(withoutSubscription(notification));
      },
      onRequest: (request) => questions.put(request),
    });
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

  /** Answers a question of the server. When that fails, the server's own deadline for it decides. */
  #reply(to: Negotiated, answer: JsonObject): void {
    this.#post(to, answer, "", undefined, AbortSignal.timeout(REPLY_MS)).catch(() => {});
  }
}
