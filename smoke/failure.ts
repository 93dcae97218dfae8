import { ProtocolError } from "@modelcontextprotocol/client";
import { McpError } from "@modelcontextprotocol/sdk/types.js";
import { inWords } from "./deadline.ts";
import { quote } from "./redact.ts";
import type { Seen } from "./traffic.ts";

/** A request that got no result, with a reason for people. */
export class RequestFailure extends Error {
  override readonly name = "RequestFailure";
  /** JSON-RPC error that the server gave: its code and its own words (foreign text: not for display as it is). */
  readonly rpc?: { code: number; message: string };
  /** HTTP status, where one came. */
  readonly status?: number;
  /** Whether trying again may help: what a server looks like that still starts. */
  readonly transient: boolean;

  constructor(
    reason: string,
    facts: { rpc?: { code: number; message: string }; status?: number; transient?: boolean },
  ) {
    super(reason);
    this.rpc = facts.rpc;
    this.status = facts.status;
    this.transient = facts.transient ?? false;
  }
}

const faults: Record<string, string> = {
  ECONNREFUSED: "nothing listens there (connection refused)",
  ECONNRESET: "closed the connection without an answer",
  UND_ERR_SOCKET: "closed the connection without an answer",
  UND_ERR_CONNECT_TIMEOUT: "does not accept a connection in time",
  ETIMEDOUT: "does not accept a connection in time",
  EHOSTUNREACH: "there is no route to its host",
  ENETUNREACH: "there is no route to its network",
  ENOTFOUND: "its host name is not known",
  EAI_AGAIN: "its host name can't be looked up right now",
  CERT_HAS_EXPIRED: "its TLS certificate has expired",
  ERR_TLS_CERT_ALTNAME_INVALID: "its TLS certificate is for another host name",
};

const statuses: Record<number, string> = {
  401: "does not accept this token (HTTP 401)",
  403: "refuses the request: the token, the Host or the Origin header (HTTP 403)",
  404: "has nothing at this path (HTTP 404)",
  405: "takes no POST at this path, so it is no MCP endpoint (HTTP 405)",
  421: "is not meant for this host name (HTTP 421)",
  429: "says there are too many requests (HTTP 429)",
  502: "stands before a gateway that can't be reached (HTTP 502)",
  503: "is not ready (HTTP 503)",
  504: "stands before a gateway that doesn't answer in time (HTTP 504)",
};

function explainFault(code: string): string {
  const known = faults[code];
  if (known) return known;
  if (/CERT|SELF_SIGNED|UNABLE_TO_(VERIFY|GET_ISSUER)/.test(code)) {
    return `its TLS certificate is not trusted (${code}); for a private authority set NODE_EXTRA_CA_CERTS`;
  }
  if (/^(ERR_SSL|EPROTO|ERR_TLS)/.test(code)) return `does not speak TLS as https wants it (${code})`;
  if (/^HPE_/.test(code)) return `does not speak HTTP (${code}); if it speaks TLS, write https://`;
  return `can't be reached (${code || "no further reason"})`;
}

function explainStatus({ status = 0, type, location }: Seen): string {
  if (location) return `redirects to ${quote(location)} (HTTP ${status}); give that address`;
  return statuses[status] ?? `answers HTTP ${status}${type ? ` with ${type}` : ""}, which is no MCP answer`;
}

/** Whether a status or a fault is what a service shows while it starts. */
function passes(seen: Seen): boolean {
  if (seen.fault !== undefined) return !/CERT|SSL|TLS|EPROTO|HPE_|SELF_SIGNED|VERIFY/.test(seen.fault);
  // Ingress controllers and load balancers say 404 before they know a route.
  return seen.status === 404 || seen.status === 429 || (seen.status ?? 0) >= 500;
}

/** A failure below MCP from what was seen on the wire. */
export function failureFrom(seen: Seen): RequestFailure {
  const { status, fault } = seen;
  const reason = fault !== undefined ? explainFault(fault) : explainStatus(seen);
  return new RequestFailure(reason, { status, transient: passes(seen) });
}

/** A failure because of its own time limit. */
export function timeoutFailure(seen: Seen, limit: number): RequestFailure {
  const streaming = seen.status === 200 && seen.type === "text/event-stream";
  const began = streaming
    ? "opened an event stream, but sent"
    : seen.status
      ? "began an answer, but gave"
      : "gave";
  return new RequestFailure(`${began} no answer within ${inWords(limit)}`, { transient: true });
}

/** What an SDK client threw, in words that don't depend on the SDK's. */
export function failureOf(error: unknown, seen: Seen): RequestFailure {
  if (error instanceof RequestFailure) return error;
  const rpc = rpcErrorIn(error);
  if (rpc) {
    const reason = `answers with JSON-RPC error ${rpc.code}: ${quote(rpc.message)}`;
    return new RequestFailure(reason, { rpc, status: seen.status });
  }
  if (seen.fault !== undefined || (seen.status !== undefined && (seen.status < 200 || seen.status > 299))) {
    return failureFrom(seen);
  }
  if (seen.status !== undefined && seen.type !== "application/json" && seen.type !== "text/event-stream") {
    const kind = seen.type ?? "no content type";
    return new RequestFailure(`answers HTTP ${seen.status} with ${kind}, which is no MCP server's answer`, {
      status: seen.status,
    });
  }
  const said = error instanceof Error ? error.message : String(error);
  return new RequestFailure(`gives no valid MCP answer: ${quote(said)}`, { status: seen.status });
}

function rpcErrorIn(error: unknown): { code: number; message: string } | undefined {
  if (error instanceof McpError) {
    return { code: error.code, message: error.message.replace(/^MCP error -?\d+: /, "") };
  }
  if (ProtocolError.isInstance(error)) return { code: error.code, message: error.message };
  return undefined;
}
