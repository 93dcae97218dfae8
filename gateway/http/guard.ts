import type { IncomingMessage } from "node:http";
import { isIP } from "node:net";
import { validateHostHeader, validateOriginHeader } from "@modelcontextprotocol/server";

/** Which Host and Origin headers are let in. */
export interface GuardOptions {
  /** Host names without port; `undefined` lets every Host in (Unix sockets, pods). */
  allowedHosts: readonly string[] | undefined;
  /** Host names of the web pages that may call; requests without an Origin header are no web pages. */
  allowedOrigins: readonly string[];
}

/**
 * Keeps web pages out that a browser on this machine shows: by the Host header against DNS rebinding, by the
 * Origin header against plain cross-site requests (MCP, transports, "Security warning"). Gives the reason to
 * refuse, or `undefined`.
 *
 * With `addressesToo` a Host that is an IP address is let in: a kubelet and a Prometheus ask a pod by its address. DNS
 * rebinding needs a name that can be made to point elsewhere.
 */
export function guard(
  request: IncomingMessage,
  options: GuardOptions & { addressesToo?: boolean },
): string | undefined {
  const byAddress = options.addressesToo === true && isAddress(request.headers.host);
  if (options.allowedHosts && !byAddress) {
    const host = validateHostHeader(request.headers.host, bracketed(options.allowedHosts));
    if (!host.ok) return "The Host header names a host that this endpoint does not answer for";
  }
  const origin = validateOriginHeader(request.headers.origin, bracketed(options.allowedOrigins));
  return origin.ok ? undefined : "The Origin header names a site that may not call this endpoint";
}

function isAddress(host: string | undefined): boolean {
  const name = URL.parse(`http://${host}`)?.hostname ?? "";
  return isIP(name.replace(/^\[|\]$/g, "")) !== 0;
}

/** `URL` writes IPv6 hosts in brackets; configurations may leave them out. */
function bracketed(hosts: readonly string[]): string[] {
  return hosts.map((host) => (host.includes(":") && !host.startsWith("[") ? `[${host}]` : host));
}

/** Response headers that let an allowed page read the answer (CORS); empty for requests of no page. */
export function corsHeaders(origin: string | undefined): Record<string, string> {
  if (!origin) return {};
  return {
    "access-control-allow-origin": origin,
    "access-control-expose-headers": "www-authenticate, x-request-id, mcp-protocol-version, mcp-session-id",
    vary: "origin",
  };
}

/** Further headers of the answer to a preflight request. */
export const PREFLIGHT_HEADERS = {
  "access-control-allow-methods": "GET, POST, DELETE",
  "access-control-allow-headers":
    "authorization, content-type, accept, mcp-protocol-version, mcp-session-id, mcp-method, mcp-name, last-event-id",
  "access-control-max-age": "600",
};
