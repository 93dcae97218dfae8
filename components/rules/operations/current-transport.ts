import { programOf, type ServerModel } from "../../model/server.ts";
import type { Rule, Violation } from "../rule.ts";

const isSse = (path: string) => /\/sse\/?$/.test(path);

function violations(server: ServerModel): Violation[] {
  const at = (property: string) => [
    {
      path: `server ${server.name}: ${property}`,
      reason: "is of the transport HTTP+SSE, deprecated since 2025-03-26, which the gateway does not speak",
    },
  ];
  if (server.remote && isSse(new URL(server.remote.url).pathname)) return at("remote.url");
  if (server.http && isSse(server.http.path)) return at("http.path");
  const args = programOf(server)?.args ?? [];
  const index = args.findIndex((argument) => /^(?:--?transport=)?sse$/i.test(argument));
  return index < 0 ? [] : at(`${server.stdio ? "stdio" : "http"}.args[${index}]`);
}

/** A server is spoken to by stdio or streamable HTTP. */
export const currentTransport: Rule = {
  id: "current-transport",
  concern: "operations",
  title: "No server is reached by a deprecated transport",
  severity: "error",
  enforcedBy: "policy",
  needs: "server",
  remediation: "Use the server's streamable HTTP endpoint, mostly at /mcp, or its stdio.",
  code: 'new mcp.Server("utilities", { http: { package, args: ["streamableHttp"], port: 7401, path: "/mcp" }, … });',
  reference: "MCP 2025-03-26, Key Changes: streamable HTTP replaces HTTP+SSE; MCP 2026-07-28, Transports",
  check: ({ servers }) => servers.flatMap(violations),
};
