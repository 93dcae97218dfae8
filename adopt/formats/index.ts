import { documentsIn } from "../documents.ts";
import { type FoundFile, Unreadable } from "../found.ts";
import { clientFile } from "./client.ts";
import { registryFile } from "./registry.ts";
import { toolhiveFile } from "./toolhive.ts";

/**
 * Reads a file that describes MCP servers, of whichever kind it is by its content.
 *
 * @param file its name, for what is wrong with it
 * @throws Unreadable
 */
export function readServers(text: string, file: string): FoundFile {
  const documents = documentsIn(text, file);
  const [first] = documents;
  return (
    toolhiveFile(documents, file) ??
    clientFile(first, file) ??
    registryFile(first, file) ??
    unknown(first, file)
  );
}

function unknown(document: unknown, file: string): never {
  const has =
    typeof document === "object" && document !== null && !Array.isArray(document)
      ? `has ${Object.keys(document).slice(0, 8).join(", ") || "nothing"}`
      : "is no object";
  throw new Unreadable(
    `${file}: describes no MCP servers in a way that is known here; it ${has}. Known are mcpServers (Claude Code, Claude Desktop, Cursor), servers (VS Code), the MCP registry's server.json, and ToolHive's MCPServer.`,
  );
}
