import type { IncomingMessage, ServerResponse } from "node:http";
import {
  createMcpHandler,
  type McpHttpHandler,
  Server,
  type ServerEvent,
} from "@modelcontextprotocol/server";
import { isObject, type JsonObject, META, metaOf, type RpcNotification } from "../protocol/messages.ts";
import { clientOf } from "../sessions/client.ts";
import { filterOf, isListChange, LIST_CHANGES, RESOURCE_UPDATED } from "../subscriptions/changes.ts";
import { encodeResult, statusOf } from "./plain-call.ts";
import type { Description, Exchange, McpService } from "./service.ts";
import { exchangeIn, noteError, rawRequest, sendWeb, takesMore, webRequest, withExchange } from "./web.ts";

/** Serves whole HTTP requests through the official SDK. */
export interface SdkPath<Caller> {
  serve(
    request: IncomingMessage,
    response: ServerResponse,
    body: unknown,
    exchange: Exchange<Caller>,
  ): Promise<void>;
  /** Ends subscriptions and whatever is still open. */
  close(): Promise<void>;
}

/** Most subscriptions (`subscriptions/listen`) at once: the listener has to have connections left for requests. */
const MAX_SUBSCRIPTIONS = 4000;

/**
 * The full protocol by the SDK: both eras on one path, the handshake, version and header checks, streams,
 * subscriptions. Requests reach the service through `fallbackRequestHandler`, which passes them and their results
 * raw; the SDK's registered handlers would strip what they don't know (decision 12).
 */
export function sdkPath<Caller>(
  service: McpService<Caller>,
  onError: (error: Error) => void,
): SdkPath<Caller> {
  async function server(exchange: Exchange<Caller>, era: "modern" | "legacy"): Promise<Server> {
    const { serverInfo, capabilities, instructions } = await service.describe(exchange.caller);
    const offered = era === "modern" ? capabilities : withoutSession(capabilities);
    const made = new Server(serverInfo, { capabilities: offered, ...(instructions && { instructions }) });
    // The service answers these itself: a ping proves the backend only if it gets there.
    made.removeRequestHandler("ping");
    made.removeRequestHandler("logging/setLevel");
    made.fallbackRequestHandler = async (request, context) => {
      const notify = (notification: RpcNotification) => {
        context.mcpReq.notify(notification as never).catch(onError);
      };
      const signal = AbortSignal.any([context.mcpReq.signal, exchange.signal]);
      const client = clientOf(context.mcpReq.envelope as JsonObject | undefined);
      const raw = rawRequest(request, context.http?.authInfo);
      const result = await service
        .handle(raw, { ...exchange, signal, notify, client, era })
        .catch((error) => {
          noteError(context.http?.authInfo, error);
          throw error;
        });
      return encodeResult(era, result, serverInfo);
    };
    made.onerror = onError;
    return made;
  }

  const handler = createMcpHandler(({ authInfo, era }) => server(exchangeIn(authInfo), era), {
    onerror: onError,
    maxSubscriptions: 0, // those have handlers of their own
  });
  const listening = new Set<McpHttpHandler>();

  /** A subscription has a bus of its own, so that it hears what its caller may, and nothing else. */
  async function listen(
    request: Request,
    body: JsonObject,
    exchange: Exchange<Caller>,
    response: ServerResponse,
  ) {
    const { changes } = service;
    const params = isObject(body.params) ? body.params : {};
    const wanted = filterOf(params);
    const granted = changes?.granted(exchange.caller, wanted) ?? {};
    const own = createMcpHandler(({ authInfo, era }) => server(exchangeIn(authInfo), era), {
      onerror: onError,
      bus: {
        publish: () => {},
        subscribe: (hear) =>
          changes?.watch(exchange.caller, granted, (notification) => {
            const event = eventOf(notification);
            if (event && takesMore(response)) hear(event);
          }) ?? (() => {}),
      },
    });
    listening.add(own);
    response.once("close", () => listening.delete(own));
    // What is not granted is left out of the wish, and so of what the client is told that it will hear of.
    const uris = wanted.resourceSubscriptions && {
      resourceSubscriptions: granted.resourceSubscriptions ?? [],
    };
    const notifications = isObject(params.notifications) && {
      notifications: { ...params.notifications, ...uris },
    };
    const parsedBody = { ...body, params: { ...params, ...notifications } };
    return own.fetch(request, { authInfo: withExchange(exchange), parsedBody });
  }

  return {
    async serve(request, response, body, exchange) {
      const web = webRequest(request, exchange.signal);
      const listens = isObject(body) && body.method === "subscriptions/listen";
      const authInfo = withExchange(exchange, body);
      const answer =
        listens && listening.size < MAX_SUBSCRIPTIONS
          ? await listen(web, body, exchange, response)
          : await handler.fetch(web, { authInfo, parsedBody: body });
      await sendWeb(answer, response, statusFor(answer, authInfo));
    },
    async close() {
      await Promise.all([handler, ...listening].map((each) => each.close()));
    },
  };
}

/** What an older client without a session is not offered, since it would have to be remembered. */
function withoutSession({ logging: _logging, ...capabilities }: Description["capabilities"]): JsonObject {
  if (!isObject(capabilities.resources)) return capabilities;
  const { subscribe: _subscribe, ...resources } = capabilities.resources;
  return { ...capabilities, resources };
}

/** The SDK puts the errors of its handlers on 200, also those that the newer era has another status for. */
function statusFor(answer: Response, authInfo: ReturnType<typeof withExchange>): number {
  const isJson = answer.headers.get("content-type")?.startsWith("application/json") === true;
  const { errorCode, body } = authInfo.extra;
  if (answer.status !== 200 || !isJson || errorCode === undefined) return answer.status;
  const era =
    META.protocolVersion in (metaOf(isObject(body) ? body.params : undefined) ?? {}) ? "modern" : "legacy";
  return statusOf(era, errorCode);
}

function eventOf({ method, params }: RpcNotification): ServerEvent | undefined {
  if (isListChange(method)) return { kind: `${LIST_CHANGES[method].kind}_list_changed`, params };
  if (method !== RESOURCE_UPDATED || typeof params?.uri !== "string") return undefined;
  return { kind: "resource_updated", uri: params.uri, params };
}
