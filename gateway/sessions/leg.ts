import type { IncomingMessage, ServerResponse } from "node:http";
import { Server, WebStandardStreamableHTTPServerTransport } from "@modelcontextprotocol/server";
import { sendRpcError } from "../http/body.ts";
import type { Exchange, McpService } from "../http/service.ts";
import { sendWeb, takesMore, webRequest } from "../http/web.ts";
import {
  CODE,
  isObject,
  type JsonObject,
  MODERN_VERSION,
  type RpcNotification,
} from "../protocol/messages.ts";
import { ALL_LISTS } from "../subscriptions/changes.ts";
import { askable } from "./client.ts";
import { Session } from "./session.ts";
import { SessionStore } from "./store.ts";

/** Serves what older clients have beyond plain requests: sessions, and streams of news. */
export interface SessionLeg<Caller> {
  /** Whether a request is in a session, or begins one. */
  takes(request: IncomingMessage, body: unknown): boolean;
  /** Serves a request that it takes. */
  serve(
    request: IncomingMessage,
    response: ServerResponse,
    body: unknown,
    exchange: Exchange<Caller>,
  ): Promise<void>;
  /** Opens a stream of news (GET), or ends a session (DELETE); `false` when there is no such thing here. */
  open(request: IncomingMessage, response: ServerResponse, exchange: Exchange<Caller>): Promise<boolean>;
  /** Ends sessions and streams. */
  close(): void;
}

/** Most streams of news at once, in sessions and without: the listener has to have connections left for requests. */
const MAX_STREAMS = 4000;

/** Where a session is asked for and there is no place, when to try again, in seconds. */
const RETRY_SECONDS = 60;

const NOT_FOUND = { code: CODE.timeout, message: "Session not found" };

/**
 * A session is for a client that can be asked something. Others have none, so that any replica answers them
 * (decision 13); the stream of news needs none either.
 */
export function sessionLeg<Caller>(
  service: McpService<Caller>,
  onError: (error: Error) => void,
): SessionLeg<Caller> {
  const settings = service.sessions;
  const store = settings && new SessionStore<Session<Caller>>(settings);
  const streams = new Set<ServerResponse>();

  const sessionIdOf = (request: IncomingMessage) => {
    const id = request.headers["mcp-session-id"];
    // The newer era has no sessions, so there the header means nothing.
    return request.headers["mcp-protocol-version"] === MODERN_VERSION
      ? undefined
      : (id as string | undefined);
  };

  async function begin(
    exchange: Exchange<Caller>,
    capabilities: JsonObject,
  ): Promise<Session<Caller> | undefined> {
    const { caller } = exchange;
    const description = await service.describe(caller);
    const subject = settings?.subject(caller) ?? "";
    if (!store?.makeRoom(subject)) return undefined;
    const session: Session<Caller> = new Session(capabilities, description, service, {
      onError,
      onEnd: () => store.delete(session.id),
    });
    store.add(subject, session);
    return session;
  }

  /** Tells of changed lists as long as the response is open. */
  function news(
    response: ServerResponse,
    { caller }: Exchange<Caller>,
    tell: (news: RpcNotification) => void,
  ) {
    const stop = service.changes?.watch(caller, ALL_LISTS, (news) => {
      if (takesMore(response)) tell(news);
    });
    streams.add(response);
    response.once("close", () => {
      streams.delete(response);
      stop?.();
    });
  }

  async function serve(
    session: Session<Caller>,
    request: IncomingMessage,
    response: ServerResponse,
    exchange: Exchange<Caller>,
    body?: unknown,
  ) {
    const used = store?.use(session.id);
    if (used) response.once("finish", used).once("close", used); // the latter alone when the client has gone
    const answer = await session.serve(webRequest(request, exchange.signal), exchange, body);
    await sendWeb(answer, response);
    return answer;
  }

  /** A stream of news for a client without a session. */
  async function plainStream(request: IncomingMessage, response: ServerResponse, exchange: Exchange<Caller>) {
    const { serverInfo, capabilities } = await service.describe(exchange.caller);
    const server = new Server(serverInfo, { capabilities });
    const transport = new WebStandardStreamableHTTPServerTransport({ sessionIdGenerator: undefined });
    await server.connect(transport);
    server.onerror = onError;
    response.once("close", () => void transport.close());
    news(response, exchange, (notification) => {
      server.notification(notification as never).catch(onError);
    });
    await sendWeb(await transport.handleRequest(webRequest(request, exchange.signal)), response);
  }

  return {
    takes: (request, body) =>
      sessionIdOf(request) !== undefined || (store !== undefined && capabilitiesIn(body) !== undefined),

    async serve(request, response, body, exchange) {
      const id = sessionIdOf(request);
      const requestId = isObject(body) ? body.id : undefined;
      if (id !== undefined) {
        const session = store?.find(id, settings?.subject(exchange.caller) ?? "");
        if (!session) return sendRpcError(response, 404, NOT_FOUND, { id: requestId });
        await serve(session, request, response, exchange, body);
        return;
      }
      const session = await begin(exchange, capabilitiesIn(body) ?? {});
      if (!session) {
        const message = "Too many sessions are in use; try again later";
        const headers = { "retry-after": String(RETRY_SECONDS) };
        return sendRpcError(response, 503, { code: CODE.unavailable, message }, { id: requestId, headers });
      }
      const { status } = await serve(session, request, response, exchange, body);
      if (status !== 200) session.close();
    },

    async open(request, response, exchange) {
      const id = sessionIdOf(request);
      if (id !== undefined) {
        const session = store?.find(id, settings?.subject(exchange.caller) ?? "");
        if (!session) {
          sendRpcError(response, 404, NOT_FOUND);
          return true;
        }
        if (request.method === "GET") {
          if (streams.size >= MAX_STREAMS) return false;
          session.hears(response);
          news(response, exchange, (notification) => session.notify(notification));
        }
        await serve(session, request, response, exchange);
        return true;
      }
      const wantsStream = request.method === "GET" && request.headers.accept?.includes("text/event-stream");
      const legacy = request.headers["mcp-protocol-version"] !== MODERN_VERSION;
      if (!wantsStream || !legacy || !service.changes || streams.size >= MAX_STREAMS) return false;
      await plainStream(request, response, exchange);
      return true;
    },

    close() {
      store?.close();
      for (const response of streams) response.end();
    },
  };
}

/** What the client can be asked that an `initialize` comes from. */
function capabilitiesIn(body: unknown): JsonObject | undefined {
  if (!isObject(body) || body.method !== "initialize" || !isObject(body.params)) return undefined;
  return askable(body.params.capabilities);
}
