import { randomUUID } from "node:crypto";
import type { ServerResponse } from "node:http";
import { Server, WebStandardStreamableHTTPServerTransport } from "@modelcontextprotocol/server";
import { encodeResult } from "../http/plain-call.ts";
import type { Description, Exchange, McpService } from "../http/service.ts";
import { exchangeIn, takesMore, withExchange } from "../http/web.ts";
import { LOG_LEVELS } from "../protocol/log-level.ts";
import {
  CODE,
  type JsonObject,
  RpcError,
  type RpcNotification,
  type RpcRequest,
} from "../protocol/messages.ts";
import { type Ask, type ClientSession, canBeAsked, type Question } from "./client.ts";

/** Longest time that a client may take to answer a question, in milliseconds: people think. */
const ASK_MS = 600_000;

/** Takes whatever the client answers: what it may be is between client and server. */
const ANYTHING = {
  "~standard": {
    version: 1,
    vendor: "mcp-infra",
    validate: (value: unknown) => ({ value: value as JsonObject }),
  },
} as const;

type Send = (
  request: Question,
  schema: typeof ANYTHING,
  options: { signal: AbortSignal; timeout: number },
) => Promise<JsonObject>;

/** One older client's session, by the SDK's server and transport; all requests go to the service, raw. */
export class Session<Caller> implements ClientSession {
  readonly id = randomUUID();
  readonly capabilities: JsonObject;
  readonly subscriptions = new Map<string, () => void>();
  readonly servers = new Set<(message: Question) => void>();
  readonly #server: Server;
  readonly #transport: WebStandardStreamableHTTPServerTransport;
  readonly #ended = new AbortController();
  readonly #service: McpService<Caller>;
  readonly #onError: (error: Error) => void;
  #logLevel: string | undefined;
  /** The streams of news; the SDK sees to it that there is one at a time. */
  readonly #streams = new Set<ServerResponse>();

  /** @param onEnd called once, when the session is over for whatever reason. */
  constructor(
    capabilities: JsonObject,
    description: Description,
    service: McpService<Caller>,
    { onError, onEnd }: { onError: (error: Error) => void; onEnd: () => void },
  ) {
    this.capabilities = capabilities;
    this.#service = service;
    this.#onError = onError;
    const { serverInfo, instructions, capabilities: ours } = description;
    this.#transport = new WebStandardStreamableHTTPServerTransport({ sessionIdGenerator: () => this.id });
    this.#server = new Server(serverInfo, { capabilities: ours, ...(instructions && { instructions }) });
    // The service answers pings itself: one proves the backend only if it gets there.
    this.#server.removeRequestHandler("ping");
    this.#server.removeRequestHandler("logging/setLevel");
    this.#server.fallbackRequestHandler = async (request, context) => {
      const exchange = exchangeIn<Caller>(context.http?.authInfo);
      const result = await this.#handle(request as RpcRequest, exchange, context.mcpReq);
      return encodeResult("legacy", result, serverInfo);
    };
    this.#server.fallbackNotificationHandler = async ({ method }) => {
      if (method === "notifications/roots/list_changed") this.#toServers({ method });
    };
    this.#server.onerror = onError;
    this.#server.onclose = () => {
      this.#ended.abort(new Error("the session is over"));
      for (const stop of this.subscriptions.values()) stop();
      onEnd();
    };
  }

  get logLevel(): string | undefined {
    return this.#logLevel;
  }

  get ended(): AbortSignal {
    return this.#ended.signal;
  }

  /** One HTTP request of the session, the first of which is `initialize`. */
  async serve(request: Request, exchange: Exchange<Caller>, body?: unknown): Promise<Response> {
    if (!this.#server.transport && !this.ended.aborted) await this.#server.connect(this.#transport);
    const authInfo = withExchange(exchange);
    return this.#transport.handleRequest(request, {
      authInfo,
      ...(body !== undefined && { parsedBody: body }),
    });
  }

  /** Notes the stream on which the client hears what is told outside of requests. */
  hears(response: ServerResponse): void {
    this.#streams.add(response);
    response.once("close", () => this.#streams.delete(response));
  }

  notify(notification: RpcNotification): void {
    if ([...this.#streams].every(takesMore)) {
      this.#server.notification(notification as never).catch(this.#onError);
    }
  }

  readonly ask: Ask = async (question, signal) => {
    if (this.#streams.size === 0) {
      throw new RpcError(CODE.unavailable, "The client has no stream open on which it could be asked");
    }
    const send: Send = (request, schema, options) =>
      this.#server.request(request as never, schema, options) as Promise<JsonObject>;
    return this.#put(question, signal, send);
  };

  close(): void {
    void this.#transport.close();
    // Without a first request the transport was never connected, and tells nobody.
    if (!this.ended.aborted) this.#server.onclose?.();
  }

  async #handle(
    request: RpcRequest,
    exchange: Exchange<Caller>,
    by: { signal: AbortSignal; send: unknown; notify: (notification: never) => Promise<void> },
  ): Promise<JsonObject> {
    if (request.method === "logging/setLevel") return this.#setLevel(request.params?.level);
    const signal = AbortSignal.any([by.signal, exchange.signal]);
    return this.#service.handle(request, {
      ...exchange,
      signal,
      notify: (notification) => void by.notify(notification as never).catch(this.#onError),
      client: {
        capabilities: this.capabilities,
        ask: (question, until) => this.#put(question, AbortSignal.any([signal, until]), by.send as Send),
        session: this,
      },
    });
  }

  async #put(question: Question, signal: AbortSignal, send: Send): Promise<JsonObject> {
    if (!canBeAsked(this.capabilities, question)) {
      throw new RpcError(CODE.methodNotFound, `The client can't be asked for ${question.method}`);
    }
    try {
      return await send(question, ANYTHING, { signal, timeout: ASK_MS });
    } catch (error) {
      const { code, message, data } = error as { code?: unknown; message: string; data?: unknown };
      if (Number.isSafeInteger(code)) throw new RpcError(code as number, message, data);
      throw new RpcError(CODE.unavailable, "The client gave no answer");
    }
  }

  #setLevel(level: unknown): JsonObject {
    if (typeof level !== "string" || !LOG_LEVELS.includes(level)) {
      throw new RpcError(CODE.invalidParams, `Invalid params: level must be one of ${LOG_LEVELS.join(", ")}`);
    }
    this.#logLevel = level;
    this.#toServers({ method: "logging/setLevel", params: { level } });
    return {};
  }

  #toServers(message: Question): void {
    for (const tell of this.servers) tell(message);
  }
}
