/** Any JSON object, kept as it came: nothing in the gateway rebuilds one from a schema (design decision 12). */
export type JsonObject = Record<string, unknown>;

/** A JSON-RPC request as it stands on the wire. */
export interface RpcRequest {
  jsonrpc: "2.0";
  id: string | number;
  method: string;
  params?: JsonObject;
}

/** A JSON-RPC notification as it stands on the wire. */
export interface RpcNotification {
  jsonrpc?: "2.0";
  method: string;
  params?: JsonObject;
}

/** The protocol revision without handshake and session (2026-07-28); the SDK calls its era "modern". */
export const MODERN_VERSION = "2026-07-28";

/** The revisions that begin with `initialize`, newest first. */
export const LEGACY_VERSIONS: readonly string[] = [
  "2025-11-25",
  "2025-06-18",
  "2025-03-26",
  "2024-11-05",
  "2024-10-07",
];

/** Reserved `_meta` keys of a 2026-07-28 request: they are the envelope, not the payload. */
export const META = {
  protocolVersion: "io.modelcontextprotocol/protocolVersion",
  clientInfo: "io.modelcontextprotocol/clientInfo",
  clientCapabilities: "io.modelcontextprotocol/clientCapabilities",
  logLevel: "io.modelcontextprotocol/logLevel",
  serverInfo: "io.modelcontextprotocol/serverInfo",
  subscriptionId: "io.modelcontextprotocol/subscriptionId",
} as const;

/** JSON-RPC error codes that the gateway itself gives. */
export const CODE = {
  parseError: -32700,
  invalidRequest: -32600,
  methodNotFound: -32601,
  invalidParams: -32602,
  internal: -32603,
  /** Anything about HTTP or authorization; the SDKs use the same code for it. */
  http: -32000,
  /** A backend can't be reached, or did not answer in time. */
  unavailable: -32004,
  timeout: -32001,
  /** The headers say something else than the body (2026-07-28). */
  headerMismatch: -32020,
  /** The request needs something of the client that this does not declare (2026-07-28). */
  missingCapability: -32021,
  unsupportedVersion: -32022,
} as const;

/** An error that travels as a JSON-RPC error. Its message reaches the caller: no secrets, no foreign payloads. */
export class RpcError extends Error {
  override readonly name = "RpcError";
  readonly code: number;
  readonly data: unknown;

  constructor(code: number, message: string, data?: unknown) {
    super(message);
    this.code = code;
    this.data = data;
  }
}

/** Whether `value` is a JSON object (no array, no null). */
export function isObject(value: unknown): value is JsonObject {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** The `_meta` object of some params, when there is one. */
export function metaOf(params: unknown): JsonObject | undefined {
  return isObject(params) && isObject(params._meta) ? params._meta : undefined;
}

/** `params` without the reserved envelope keys, and without `_meta` if nothing else was in it. */
export function withoutEnvelope(params: JsonObject): JsonObject {
  const meta = metaOf(params);
  if (!meta) return params;
  const { _meta, ...rest } = params;
  const {
    [META.protocolVersion]: _version,
    [META.clientInfo]: _client,
    [META.clientCapabilities]: _capabilities,
    [META.logLevel]: _level,
    ...others
  } = meta;
  return Object.keys(others).length > 0 ? { ...rest, _meta: others } : rest;
}

/**
 * What the `Mcp-Name` header of a 2026-07-28 request mirrors (SEP-2243): the tool's or prompt's name, the
 * resource's URI; nothing for other methods.
 */
export function mirroredName(method: string, params: unknown): string | undefined {
  const field =
    method === "tools/call" || method === "prompts/get"
      ? "name"
      : method === "resources/read"
        ? "uri"
        : undefined;
  const value = field && isObject(params) ? params[field] : undefined;
  return typeof value === "string" ? value : undefined;
}

const PLAIN_HEADER = /^[\x21-\x7e](?:[\x20-\x7e]*[\x21-\x7e])?$/;
const SENTINEL = /^=\?base64\?(.*)\?=$/;

/** A value as SEP-2243 puts it into a header: as it is when that is safe, else in the Base64 sentinel. */
export function encodeHeaderValue(value: string): string {
  if (PLAIN_HEADER.test(value) && !SENTINEL.test(value)) return value;
  return `=?base64?${Buffer.from(value, "utf8").toString("base64")}?=`;
}

/** The reverse of {@link encodeHeaderValue}, for comparison with the body; `undefined` when it is no Base64. */
export function decodeHeaderValue(value: string): string | undefined {
  const encoded = SENTINEL.exec(value.trim())?.[1];
  if (encoded === undefined) return value.trim();
  const decoded = Buffer.from(encoded, "base64"); // which skips what is no Base64
  return decoded.toString("base64") === encoded ? decoded.toString("utf8") : undefined;
}
