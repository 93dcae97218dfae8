import type { IncomingMessage, ServerResponse } from "node:http";
import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import { createMcpHandler, Server } from "@modelcontextprotocol/server";
import type { RpcNotification, RpcRequest } from "../protocol/messages.ts";
import { encodeResult } from "./plain-call.ts";
import type { Exchange, McpService } from "./service.ts";

/** Serves whole HTTP requests through the official SDK. */
export interface SdkPath<Caller> {
  serve(
    request: IncomingMessage,
    response: ServerResponse,
    body: unknown,
    exchange: Exchange<Caller>,
  ): Promise<void>;
  /** Tells subscribed clients (2026-07-28 `subscriptions/listen`) that a list has changed. */
  listChanged(notification: RpcNotification): void;
  /** Ends subscriptions and whatever is still open. */
  close(): Promise<void>;
}

/**
 * The full protocol by the SDK: both eras on one path, the handshake, version and header checks, streams,
 * subscriptions. Requests reach the service through `fallbackRequestHandler`, which passes them and their results
 * raw; the SDK's registered handlers would strip what they don't know (decision 12).
 */
export function sdkPath<Caller>(
  service: McpService<Caller>,
  onError: (error: Error) => void,
): SdkPath<Caller> {
  const handler = createMcpHandler(
    async ({ authInfo, era }) => {
      const exchange = authInfo?.extra?.exchange as Exchange<Caller>;
      const { serverInfo, capabilities, instructions } = await service.describe(exchange.caller);
      const server = new Server(serverInfo, { capabilities, ...(instructions && { instructions }) });
      // The service answers these itself: a ping proves the backend only if it gets there.
      server.removeRequestHandler("ping");
      server.removeRequestHandler("logging/setLevel");
      server.fallbackRequestHandler = async (request, context) => {
        const notify = (notification: RpcNotification) => {
          context.mcpReq.notify(notification as never).catch(onError);
        };
        const signal = AbortSignal.any([context.mcpReq.signal, exchange.signal]);
        const result = await service.handle(request as RpcRequest, { ...exchange, signal, notify });
        // The SDK encodes for 2026-07-28, and passes on what an older client would not know.
        return era === "legacy" ? encodeResult(era, result, serverInfo) : result;
      };
      server.onerror = onError;
      return server;
    },
    { onerror: onError },
  );
  return {
    async serve(request, response, body, exchange) {
      const headers = new Headers();
      for (const [name, value] of Object.entries(request.headers)) {
        if (typeof value === "string" && name !== "authorization") headers.set(name, value);
      }
      // The body is parsed already; only method, headers and the end of the connection matter here.
      const init = { method: request.method ?? "POST", headers, signal: exchange.signal };
      const web = new Request(`http://localhost${request.url}`, init);
      // The SDK's only channel for context of ours is its `authInfo`; no token goes in.
      const authInfo = { token: "", clientId: "", scopes: [], extra: { exchange } };
      const answer = await handler.fetch(web, { authInfo, parsedBody: body });
      if (response.destroyed) return void answer.body?.cancel().catch(() => {});
      response.writeHead(answer.status, Object.fromEntries(answer.headers));
      if (!answer.body) return void response.end();
      await pipeline(Readable.fromWeb(answer.body as never), response).catch(() => {});
    },
    listChanged({ method, params }) {
      if (method === "notifications/tools/list_changed") handler.notify.toolsChanged();
      else if (method === "notifications/prompts/list_changed") handler.notify.promptsChanged();
      else if (method === "notifications/resources/list_changed") handler.notify.resourcesChanged();
      else if (method === "notifications/resources/updated" && typeof params?.uri === "string") {
        handler.notify.resourceUpdated(params.uri);
      }
    },
    close: () => handler.close(),
  };
}
