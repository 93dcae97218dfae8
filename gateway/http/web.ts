import type { IncomingMessage, ServerResponse } from "node:http";
import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import { isObject, RpcError, type RpcRequest, withoutEnvelope } from "../protocol/messages.ts";
import type { Exchange } from "./service.ts";

/** A request as the SDK takes it. Its body is parsed already; only method, headers and the end of the connection matter. */
export function webRequest(request: IncomingMessage, signal: AbortSignal): Request {
  const headers = new Headers();
  for (const [name, value] of Object.entries(request.headers)) {
    if (typeof value === "string" && name !== "authorization") headers.set(name, value);
  }
  return new Request(`http://localhost${request.url}`, { method: request.method ?? "POST", headers, signal });
}

/** Sends what the SDK answers, a stream for as long as it lasts. */
export async function sendWeb(
  answer: Response,
  response: ServerResponse,
  status = answer.status,
): Promise<void> {
  if (response.destroyed) return void answer.body?.cancel().catch(() => {});
  response.writeHead(status, Object.fromEntries(answer.headers));
  if (!answer.body) return void response.end();
  // A stream of news may have none for long: the client learns from the headers that it is open.
  response.flushHeaders();
  await pipeline(Readable.fromWeb(answer.body as never), response).catch(() => {});
}

/**
 * Whether a stream can take more. One whose client has not read for so long that nothing fits any more is ended: what
 * it is told would be kept in memory without bound. The client may come back.
 */
export function takesMore(response: ServerResponse): boolean {
  if (response.writableNeedDrain) response.destroy();
  return !response.destroyed;
}

/** The SDK's only channel for context of ours is its `authInfo`; no token goes in. */
export function withExchange<Caller>(exchange: Exchange<Caller>, body?: unknown) {
  const extra: { exchange: Exchange<Caller>; body: unknown; errorCode?: number } = { exchange, body };
  return { token: "", clientId: "", scopes: [], extra };
}

/** Notes the error that a request ends with, for what its HTTP status depends on. */
export function noteError(authInfo: { extra?: Record<string, unknown> } | undefined, error: unknown): void {
  if (authInfo?.extra && error instanceof RpcError) authInfo.extra.errorCode = error.code;
}

/** The reverse of {@link withExchange}. */
export function exchangeIn<Caller>(
  authInfo: { extra?: Record<string, unknown> } | undefined,
): Exchange<Caller> {
  return authInfo?.extra?.exchange as Exchange<Caller>;
}

/** The request as it came, where the SDK gives one without what belongs to multi-round requests. */
export function rawRequest(
  request: { id: unknown },
  authInfo: { extra?: Record<string, unknown> } | undefined,
): RpcRequest {
  const body = authInfo?.extra?.body;
  if (!isObject(body) || body.id !== request.id) return request as RpcRequest; // one of a batch
  const raw = body as unknown as RpcRequest;
  return raw.params ? { ...raw, params: withoutEnvelope(raw.params) } : raw;
}
