import type { Rule } from "../rule.ts";

/** A consumer names each tool and prompt it uses. */
export const noWildcardAccess: Rule = {
  id: "no-wildcard-access",
  concern: "security",
  title: "No consumer has access by wildcard",
  severity: "error",
  enforcedBy: "policy",
  needs: "gateway",
  remediation:
    "Name each tool the consumer uses; a tool that the server adds tomorrow is then not granted by accident.",
  code: 'new mcp.Consumer("support-agent", { uses: [notes.tool("read_graph"), notes.tool("search_nodes")], … });',
  reference:
    "MCP Security Best Practices, Scope Minimization; OWASP MCP Top 10, MCP02 Privilege Escalation via Scope Creep",
  check: ({ consumers }) =>
    consumers.flatMap((consumer) =>
      consumer.uses.flatMap((use, index) => {
        const name = "tool" in use ? use.tool : "prompt" in use ? use.prompt : use.resource;
        if (!name.includes("*")) return [];
        return [
          {
            path: `consumer ${consumer.name}: uses[${index}]`,
            reason: `"${name}" of server ${use.server} is a wildcard: it grants what nobody has looked at`,
          },
        ];
      }),
    ),
};
