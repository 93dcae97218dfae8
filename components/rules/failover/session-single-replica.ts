import { severalInstances } from "../../model/server.ts";
import type { Rule } from "../rule.ts";

/** A session lives in the memory of the instance that began it. */
export const sessionSingleReplica: Rule = {
  id: "session-single-replica",
  concern: "failover",
  title: "A server that keeps sessions has one replica",
  severity: "error",
  enforcedBy: "component",
  needs: "server",
  remediation: "Set http.sessions to false if every request stands for itself; else keep replicas at 1.",
  code: 'new mcp.Server("github", { http: { image, port: 8082, sessions: false }, replicas: 2, … });',
  reference: "MCP 2025-11-25, Transports, session management; MCP 2026-07-28 has no sessions",
  check: ({ servers }) =>
    servers
      .filter((server) => server.http?.sessions)
      .flatMap((server) =>
        severalInstances(server).map(({ property, count }) => ({
          path: `server ${server.name}: ${property}`,
          reason: `is ${count} for a server that keeps sessions in memory: a call that meets another replica than the one that began its session fails`,
        })),
      ),
};
