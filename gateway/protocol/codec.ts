import type { Client } from "../sessions/client.ts";
import { isTooDeep } from "./depth.ts";
import {
  CODE,
  isObject,
  type JsonObject,
  META,
  MODERN_VERSION,
  metaOf,
  RpcError,
  type RpcNotification,
} from "./messages.ts";

/** How we name ourselves to servers. */
export const CLIENT_INFO = { name: "mcp-infra", version: "0.1.0" };

/** Progress tokens must be unique on a connection that many callers share: ours is the request's id. */
export function withOwnToken(params: JsonObject, id: number): { params: JsonObject; token: unknown } {
  const meta = metaOf(params);
  const token = meta?.progressToken;
  if (token === undefined) return { params, token };
  return { params: { ...params, _meta: { ...meta, progressToken: id } }, token };
}

/** A progress notification with the caller's own token again; others unchanged. */
export function withCallersToken(notification: RpcNotification, id: number, token: unknown): RpcNotification {
  if (notification.method !== "notifications/progress" || notification.params?.progressToken !== id) {
    return notification;
  }
  return { ...notification, params: { ...notification.params, progressToken: token } };
}

/**
 * `params` with the envelope that every 2026-07-28 request carries.
 *
 * @param client whom the server may ask something by its result.
 */
export function enveloped(params: JsonObject, client?: Client): JsonObject {
  const logLevel = client && (client.logLevel ?? client.session?.logLevel);
  const envelope = {
    [META.protocolVersion]: MODERN_VERSION,
    [META.clientInfo]: CLIENT_INFO,
    [META.clientCapabilities]: client?.capabilities ?? {},
    ...(logLevel !== undefined && { [META.logLevel]: logLevel }),
  };
  return { ...params, _meta: { ...metaOf(params), ...envelope } };
}

/** A notification without the id of the subscription that it came by: that one is ours, not the client's. */
export function withoutSubscription(notification: RpcNotification): RpcNotification {
  const { params } = notification;
  const meta = metaOf(params);
  if (!meta || !(META.subscriptionId in meta)) return notification;
  const { [META.subscriptionId]: _id, ...rest } = meta;
  return { ...notification, params: { ...params, _meta: rest } };
}

/**
 * A message as text. What nests deeper than can be written is its sender's fault, not the receiver's.
 *
 * @throws RpcError when it does.
 */
export function encode(message: JsonObject): string {
  try {
    return JSON.stringify(message);
  } catch {
    throw new RpcError(CODE.invalidParams, "Invalid params: nested too deeply");
  }
}

/**
 * The result in a JSON-RPC response.
 *
 * @throws RpcError the error in it, or that it nests too deeply: it would spoil the list of all servers that it becomes a part of.
 */
export function unpack(response: JsonObject): JsonObject {
  if (isTooDeep(response)) throw new RpcError(CODE.internal, "The server's answer is nested too deeply");
  if (isObject(response.result)) return response.result;
  const error = isObject(response.error) ? response.error : {};
  const code = Number.isSafeInteger(error.code) ? (error.code as number) : CODE.internal;
  throw new RpcError(code, typeof error.message === "string" ? error.message : "no result", error.data);
}

/** What a server says of itself in its answer to `initialize` or `server/discover`. */
export function describe(answer: JsonObject, serverInfo: unknown) {
  return {
    capabilities: isObject(answer.capabilities) ? answer.capabilities : {},
    serverInfo: isObject(serverInfo) ? serverInfo : {},
    ...(typeof answer.instructions === "string" && { instructions: answer.instructions }),
  };
}
