import { maskCredentials } from "../components/model/masking.ts";
import { McpEndpoint } from "./protocol/endpoint.ts";
import { plainSender } from "./protocol/exchange.ts";
import { HttpFailure } from "./protocol/http-failure.ts";
import { RpcError } from "./protocol/messages.ts";

/** Where and how to ask. */
export interface ProbeOptions {
  /** The streamable HTTP endpoint. */
  url: string;
  /** Path of a Unix domain socket to reach it by, in place of the URL's host and port. */
  socket?: string;
  /** Longest time for the whole question, in milliseconds. */
  timeoutMs: number;
  /** Further request headers, such as `authorization`. */
  headers?: Record<string, string>;
}

/** An MCP server, or the reason why not, for people to read. */
export type ProbeResult =
  | { ok: true; era: "modern" | "legacy"; protocolVersion: string; name: string; version: string }
  | { ok: false; reason: string };

/**
 * Asks an endpoint in MCP whether it is an MCP server and works: `server/discover`, else `initialize`, whose
 * session it ends again. (An open port proves nothing, and a GET marks servers down that only take POST.)
 * Never throws. Imports nothing but Node, so that it is cheap to load.
 */
export async function probe({ url, socket, timeoutMs, headers }: ProbeOptions): Promise<ProbeResult> {
  const signal = AbortSignal.timeout(timeoutMs);
  try {
    const endpoint = new McpEndpoint(plainSender(url, socket), headers);
    const found = await endpoint.negotiate(signal);
    await endpoint.end(found, signal).catch(() => {});
    const { name, version } = found.serverInfo;
    const text = (value: unknown) => (typeof value === "string" ? value : "");
    return {
      ok: true,
      era: found.era,
      protocolVersion: found.version,
      name: text(name),
      version: text(version),
    };
  } catch (error) {
    return { ok: false, reason: signal.aborted ? `no answer within ${timeoutMs} ms` : explainFailure(error) };
  }
}

/** Why an endpoint could not be used, in a few words without secrets. */
export function explainFailure(error: unknown): string {
  if (error instanceof HttpFailure) {
    if (error.status === 401) return "wants a credential, or refuses the one it was given (HTTP 401)";
    if (error.status === 403) return "refuses the caller, or the Host or Origin header (HTTP 403)";
    if (error.status === 429) return "gets too many requests (HTTP 429)";
    if (error.status >= 502 && error.status <= 504) return `can't serve at the moment (HTTP ${error.status})`;
    return error.message.startsWith("HTTP ")
      ? `answers HTTP but is no MCP server: ${maskCredentials(error.message)}`
      : error.message;
  }
  if (error instanceof RpcError) return `refuses the handshake (JSON-RPC error ${error.code})`;
  const code = codeOf(error);
  const known: Record<string, string> = {
    ECONNREFUSED: "nothing listens there (connection refused)",
    ENOENT: "its socket does not exist",
    ENOTFOUND: "its host name is not known",
    EAI_AGAIN: "its host name can't be looked up right now",
    ECONNRESET: "closed the connection without an answer",
    UND_ERR_SOCKET: "closed the connection without an answer",
    UND_ERR_CONNECT_TIMEOUT: "does not accept a connection in time",
    EACCES: "may not be opened (permission denied)",
  };
  return (
    known[code] ?? `can't be reached (${code || (error instanceof Error ? error.name : "unknown error")})`
  );
}

function codeOf(error: unknown): string {
  if (!(error instanceof Error)) return "";
  if ("code" in error && typeof error.code === "string") return error.code;
  if (error instanceof AggregateError && error.errors.length > 0) return codeOf(error.errors[0]);
  return error.cause === undefined ? "" : codeOf(error.cause);
}
