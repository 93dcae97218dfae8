import type { Rule } from "../rule.ts";

/** A tool's time is part of its server's. */
export const toolTimeout: Rule = {
  id: "tool-timeout",
  concern: "failover",
  title: "No tool has more time than its server",
  severity: "error",
  enforcedBy: "component",
  needs: "server",
  remediation: "Raise the server's timeout to that of its slowest tool, and give the others less in perTool.",
  code: 'new mcp.Server("reports", { timeout: "60s", perTool: { preview: { timeout: "5s" } }, … });',
  reference: "A stdio server's bridge, and the pod of a server that ends, give up after the server's timeout",
  check: ({ servers }) =>
    servers.flatMap(({ name, timeout, perTool }) =>
      Object.entries(perTool).flatMap(([tool, settings]) =>
        timeout !== undefined && (settings.timeout ?? 0) > timeout
          ? [
              {
                path: `server ${name}: perTool.${tool}.timeout`,
                reason: `is ${settings.timeout} ms, and the server's own timeout cuts a call off after ${timeout} ms`,
              },
            ]
          : [],
      ),
    ),
};
