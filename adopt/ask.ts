import { tmpdir } from "node:os";
import { Client, StreamableHTTPClientTransport } from "@modelcontextprotocol/client";
import { StdioClientTransport } from "@modelcontextprotocol/client/stdio";
import { maskCredentials, maskerOf } from "../components/model/masking.ts";
import { executableOf } from "../components/targets/local/provider/command-line.ts";
import { minimalEnvironment } from "../components/targets/local/provider/environment.ts";
import type { Contact } from "./contact.ts";
import type { ListedTool } from "./plan.ts";

/** What became of asking. */
export type Answer = { tools: ListedTool[] } | { failure: string };

/** Longest time for one answer; a package is installed before it starts to count. */
const LIMIT_MS = 60_000;

/**
 * Starts or calls a server as a deployment will, lists its tools, and ends it.
 *
 * @param secrets what must not be in the reason when it fails
 */
export async function ask(contact: Contact, secrets: readonly string[]): Promise<Answer> {
  const client = new Client({ name: "mcp-infra-import", version: "0.1.0" });
  const limit = { timeout: LIMIT_MS };
  try {
    await client.connect(await transportTo(contact), limit);
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

async function transportTo(contact: Contact) {
  if ("url" in contact)
    return new StreamableHTTPClientTransport(new URL(contact.url), {
      requestInit: { headers: contact.headers },
    });
  const { program, args, env } = contact;
  return new StdioClientTransport({
    command: await executableOf("stdio", program),
    args,
    env: { ...minimalEnvironment(), ...env },
    cwd: tmpdir(),
    // What a server says of itself there may well be a secret.
    stderr: "ignore",
  });
}

function isSafe(
  annotations: { readOnlyHint?: boolean } | undefined,
  schema: { required?: unknown },
): boolean {
  const required = Array.isArray(schema.required) ? schema.required : [];
  return annotations?.readOnlyHint === true && required.length === 0;
}
