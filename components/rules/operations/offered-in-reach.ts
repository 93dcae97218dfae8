import type { Rule } from "../rule.ts";

/** What another stack offers is on a network that this one's gateway is on. */
export const offeredInReach: Rule = {
  id: "offered-in-reach",
  concern: "operations",
  title: "An offered server runs on its gateway's kind of target",
  severity: "error",
  enforcedBy: "component",
  needs: "server",
  remediation:
    "Run the gateway where the server is, or declare the server as remote by an address that this target reaches.",
  code: 'new mcp.Server("notes", { target, remote: { url: "https://notes.example.com/mcp" } });',
  reference:
    "A server listens for its own machine or cluster alone: MCP 2026-07-28, Transports, security of local servers",
  check: ({ servers, target }) =>
    servers.flatMap(({ name, offered }) =>
      offered && offered.target !== target
        ? [
            {
              path: `server ${name}: offered`,
              reason: `runs on ${offered.target}, by stack ${offered.stack}, and is used from ${target}: there is no route`,
            },
          ]
        : [],
    ),
};
