import { z } from "zod";
import { hasExample } from "../../model/consumer.ts";
import { tunable } from "../rule.ts";

/** What a consumer may do is what it does: examples show it. */
export const toolsJustified = tunable({
  id: "tools-justified",
  concern: "security",
  title: "A consumer has no more tools than its example calls justify",
  severity: "warning",
  enforcedBy: "policy",
  needs: "gateway",
  remediation:
    "Take the tools from it that it doesn't need, give more of them an example, or make two consumers of it.",
  code: 'uses: [github.tool("search_code", { arguments: { query: "repo:acme/app readme" } }), github.tool("get_issue")]',
  reference:
    "MCP Security Best Practices, Scope Minimization; OWASP MCP Top 10, MCP02 Privilege Escalation via Scope Creep, MCP10 Context Injection & Over-Sharing",
  parameters: z.strictObject({
    /** Most tools that one consumer may have. */
    most: z.int().min(1).default(40),
    /** Tools that one example call speaks for. */
    perExample: z.int().min(1).default(5),
  }),
  check({ consumers }, { most, perExample }) {
    return consumers.flatMap(({ name, uses }) => {
      const tools = uses.filter((use) => "tool" in use);
      const examples = tools.filter(hasExample).length;
      const path = `consumer ${name}: uses`;
      if (tools.length > most)
        return [
          {
            path,
            reason: `has ${tools.length} tools, more than ${most}: whoever steers the agent has all of them`,
          },
        ];
      // Without any example there is a rule of its own.
      if (examples === 0 || tools.length <= examples * perExample) return [];
      return [
        {
          path,
          reason: `has ${tools.length} tools and ${examples === 1 ? "one example call" : `${examples} example calls`}: one speaks for ${perExample} at most`,
        },
      ];
    });
  },
});
