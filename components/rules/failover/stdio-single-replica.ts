import { severalInstances } from "../../model/server.ts";
import type { Rule } from "../rule.ts";

/** A stdio server is one process with one session. */
export const stdioSingleReplica: Rule = {
  id: "stdio-single-replica",
  concern: "failover",
  title: "A stdio server has one replica",
  severity: "error",
  enforcedBy: "component",
  needs: "server",
  remediation: "Set replicas to 1, or use a server that speaks streamable HTTP and keeps no session.",
  code: 'new mcp.Server("notes", { stdio: { package }, replicas: 1, … });',
  reference: "MCP 2026-07-28, Transports, stdio: the client launches the server as a subprocess",
  check: ({ servers }) =>
    servers
      .filter((server) => server.stdio)
      .flatMap((server) =>
        severalInstances(server).map((said) => ({
          path: `server ${server.name}: ${said.property}`,
          reason: `is ${said.count} for a stdio server: each replica would be a process with a state of its own, and callers would meet now one, now the other`,
        })),
      ),
};
