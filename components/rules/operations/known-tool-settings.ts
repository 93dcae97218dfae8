import { standbysOf } from "../../model/integration.ts";
import type { Rule } from "../rule.ts";

/** What is said of a tool holds for a tool that callers know. */
export const knownToolSettings: Rule = {
  id: "known-tool-settings",
  concern: "operations",
  title: "Settings of tools are of tools that the server is expected to have",
  severity: "error",
  enforcedBy: "component",
  needs: "server",
  remediation:
    "Correct the name in perTool, or add the tool to the server's tools; of a standby, say it of its primary.",
  code: 'new mcp.Server("notes", { tools: ["read_graph"], perTool: { read_graph: { repeatable: true } }, … });',
  reference: "MCP 2026-07-28, Tools: a tool is known by its name alone",
  check(model) {
    const standbys = standbysOf(model);
    return model.servers.flatMap(({ name, perTool, tools }) =>
      Object.keys(perTool).flatMap((tool) => {
        const path = `server ${name}: perTool.${tool}`;
        const primary = standbys.get(name);
        if (primary)
          return [{ path, reason: `is never read: callers know ${primary}, and its settings hold for all` }];
        if (!tools || tools.includes(tool)) return [];
        return [
          {
            path,
            reason: `is of a tool that the server is not expected to have (it has ${tools.join(", ")})`,
          },
        ];
      }),
    );
  },
};
