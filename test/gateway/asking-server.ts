/** A stdio server of 2026-07-28 alone that asks by its results. */
import { acceptedContent, inputRequired, McpServer } from "@modelcontextprotocol/server";
import { serveStdio } from "@modelcontextprotocol/server/stdio";

serveStdio(
  () => {
    const server = new McpServer({ name: "asking", version: "1" });
    server.registerTool("greet", {}, ({ mcpReq }) => {
      const given = acceptedContent<{ name: string }>(mcpReq.inputResponses, "who");
      if (given) return { content: [{ type: "text", text: `Hello, ${given.name}!` }] };
      const who = inputRequired.elicit({
        message: "Who are you?",
        requestedSchema: { type: "object", properties: { name: { type: "string" } } },
      });
      return inputRequired({ inputRequests: { who } });
    });
    return server;
  },
  { legacy: "reject" },
);
