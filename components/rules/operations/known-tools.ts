import { standbysOf } from "../../model/integration.ts";
import type { Rule } from "../rule.ts";

/** Every use leads somewhere: to a server of the gateway that is expected to have the tool. */
export const knownTools: Rule = {
  id: "known-tools",
  concern: "operations",
  title: "Every tool a consumer uses is expected of a server",
  severity: "error",
  enforcedBy: "component",
  needs: "gateway",
  remediation:
    "Correct the name, add the tool to the server's tools, or add the server to the gateway's servers.",
  code: `new mcp.Server("notes", { tools: ["read_graph", "search_nodes"], … });
new mcp.Consumer("reader", { uses: [notes.tool("read_graph")], … });`,
  reference: "MCP 2026-07-28, Tools: a call of an unknown tool is a protocol error",
  check(model) {
    const { servers, consumers, gateway } = model;
    const standbys = standbysOf(model);
    return consumers.flatMap((consumer) =>
      consumer.uses.flatMap((use, index) => {
        const path = `consumer ${consumer.name}: uses[${index}]`;
        const server = servers.find(({ name }) => name === use.server);
        if (!server)
          return [
            { path, reason: `uses server "${use.server}", which gateway ${gateway?.name} does not have` },
          ];
        const primary = standbys.get(server.name);
        if (primary)
          return [
            { path, reason: `uses server ${server.name}, which stands in for ${primary}: use that one` },
          ];
        if (!("tool" in use) || use.tool.includes("*") || !server.tools || server.tools.includes(use.tool))
          return [];
        return [
          {
            path,
            reason: `uses tool "${use.tool}", which server ${server.name} is not expected to have (it has ${server.tools.join(", ")})`,
          },
        ];
      }),
    );
  },
};
