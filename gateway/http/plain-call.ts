import type { IncomingHttpHeaders } from "node:http";
import {
  CODE,
  decodeHeaderValue,
  isObject,
  type JsonObject,
  LEGACY_VERSIONS,
  META,
  MODERN_VERSION,
  metaOf,
  mirroredName,
  RpcError,
  type RpcRequest,
  withoutEnvelope,
} from "../protocol/messages.ts";
import { type Client, clientOf } from "../sessions/client.ts";

/** A `tools/call`, or `tools/list`, that needs nothing from the SDK. */
export interface PlainCall {
  era: "modern" | "legacy";
  /** The request without the era's envelope. */
  request: RpcRequest;
  /** The client that the envelope describes, when there is more to it than that it waits. */
  client?: Client;
}

/**
 * Recognises the one request that counts for speed, a plain `tools/call`, and the one that has to pass whole, `tools/list`
 * (the SDK's encoder for 2026-07-28 drops what its schema doesn't know of a tool, such as `execution`), when they are right
 * in every respect, in either era. They take the thin path, which costs a fraction of the SDK's (decision 12). Whatever is odd, wrong
 * or wants a stream gives `undefined` and goes to the SDK, which owns all error answers; so this function may
 * be strict, and can't make anything pass that the SDK would refuse.
 */
export function plainCall(headers: IncomingHttpHeaders, body: unknown): PlainCall | undefined {
  if (!isObject(body) || body.jsonrpc !== "2.0" || !isPlain(body.method)) return undefined;
  const { id, params = {} } = body;
  if (typeof id !== "string" && !Number.isSafeInteger(id)) return undefined;
  if (!isObject(params) || (body.method === "tools/call" && typeof params.name !== "string"))
    return undefined;
  if ("inputResponses" in params || "requestState" in params) return undefined;
  if ("_meta" in params && !isObject(params._meta)) return undefined;
  const accept = headers.accept ?? "";
  if (!accept.includes("application/json") || !accept.includes("text/event-stream")) return undefined;
  const meta = metaOf(params) ?? {};
  if (meta.progressToken !== undefined || meta[META.logLevel] !== undefined) return undefined;
  const request = { jsonrpc: "2.0", id: id as string | number, method: body.method, params } as const;
  const version = headers["mcp-protocol-version"];
  if (!(META.protocolVersion in meta)) {
    const known = version === undefined || LEGACY_VERSIONS.includes(version as string);
    return known ? { era: "legacy", request } : undefined;
  }
  const agrees =
    version === MODERN_VERSION &&
    meta[META.protocolVersion] === MODERN_VERSION &&
    headers["mcp-method"] === body.method &&
    namesTheSame(headers["mcp-name"], mirroredName(body.method, params)) &&
    isObject(meta[META.clientCapabilities]) &&
    isClientInfo(meta[META.clientInfo]);
  if (!agrees) return undefined;
  return { era: "modern", request: { ...request, params: withoutEnvelope(params) }, client: clientOf(meta) };
}

function isPlain(method: unknown): method is "tools/call" | "tools/list" {
  return method === "tools/call" || method === "tools/list";
}

function namesTheSame(header: unknown, name: string | undefined): boolean {
  return typeof header === "string" ? decodeHeaderValue(header) === name : name === undefined;
}

function isClientInfo(value: unknown): boolean {
  if (value === undefined) return true;
  return isObject(value) && typeof value.name === "string" && typeof value.version === "string";
}

/**
 * The result as the era wants it: 2026-07-28 names its kind and the server in every result, older ones don't. A list also
 * says how long it may be kept there (SEP-2549): not at all, and by its caller alone.
 */
export function encodeResult(
  era: PlainCall["era"],
  result: JsonObject,
  serverInfo: JsonObject,
  method?: string,
): JsonObject {
  if (era === "legacy") {
    if (!("resultType" in result)) return result;
    if (result.resultType === "input_required") {
      throw new RpcError(
        CODE.missingCapability,
        "The server asks for input, which this client can't be asked for",
      );
    }
    const { resultType: _resultType, ...rest } = result;
    return rest;
  }
  // Who answers the client is this server, whoever stands behind it.
  const meta = { ...metaOf(result), [META.serverInfo]: serverInfo };
  const kept = method === "tools/list" && { ttlMs: 0, cacheScope: "private" };
  return { ...kept, ...result, resultType: result.resultType ?? "complete", _meta: meta };
}

/** The HTTP status that goes with an error: the newer era puts some on others than 200. */
export function statusOf(era: PlainCall["era"], code: number): number {
  return (era === "modern" && ERROR_STATUS.get(code)) || 200;
}

const ERROR_STATUS = new Map<number, number>([
  [CODE.methodNotFound, 404],
  [CODE.headerMismatch, 400],
  [CODE.missingCapability, 400],
  [CODE.unsupportedVersion, 400],
]);
