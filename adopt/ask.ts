import { Client, StreamableHTTPClientTransport } from "@modelcontextprotocol/client";
import { StdioClientTransport } from "@modelcontextprotocol/client/stdio";
import { maskCredentials, maskerOf } from "../components/model/masking.ts";
import type { ListedTool } from "./plan.ts";

/** How a server is reached once, as its user's client does. */
export type Contact =
  | { command: string; args: string[]; env: Record<string, string>; cwd: string }
  | { url: string; headers: Record<string, string> };

/** What became of asking. */
export type Answer = { tools: ListedTool[] } | { failure: string };

/** A first start may have to fetch a package. */
const LIMIT_MS = 60_000;

/**
 * Starts or calls a server, lists its tools, and ends it.
 *
 * @param secrets what must not be in the reason when it fails
 */
export async function ask(contact: Contact, secrets: readonly string[]): Promise<Answer> {
  const client = new Client({ name: "mcp-infra-import", version: "0.1.0" });
  const limit = { timeout: LIMIT_MS };
  try {
    await client.connect(transportTo(contact), limit);
    const { tools } = await client.listTools(undefined, limit);
    return {
      tools: tools.map(({ name, annotations, inputSchema }) => ({
        name,
        safe: isSafe(annotations, inputSchema),
      })),
    };
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error);
    const [line = ""] = maskCredentials(maskerOf(secrets)(message)).split("\n");
    return { failure: line.slice(0, 300) };
  } finally {
    await client.close();
  }
}

function transportTo(contact: Contact) {
  if ("url" in contact)
    return new StreamableHTTPClientTransport(new URL(contact.url), {
      requestInit: { headers: contact.headers },
    });
  // What a server says of itself there may well be a secret.
  return new StdioClientTransport({ ...contact, stderr: "ignore" });
}

function isSafe(
  annotations: { readOnlyHint?: boolean } | undefined,
  schema: { required?: unknown },
): boolean {
  const required = Array.isArray(schema.required) ? schema.required : [];
  return annotations?.readOnlyHint === true && required.length === 0;
}
