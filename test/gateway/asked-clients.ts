import { join } from "node:path";
import { Client, StreamableHTTPClientTransport } from "@modelcontextprotocol/client";
import { Client as OlderClient } from "@modelcontextprotocol/sdk/client/index.js";
import { StreamableHTTPClientTransport as OlderTransport } from "@modelcontextprotocol/sdk/client/streamableHttp.js";
import {
  CreateMessageRequestSchema,
  ElicitRequestSchema,
  ListRootsRequestSchema,
} from "@modelcontextprotocol/sdk/types.js";
import { type Fixture, npmServer, type Program, until } from "./fixture.ts";

/** What the consumer `agent` proves itself by. */
export const agent = { authorization: "Bearer agent-token" };

/** Starts the server with the official conformance suite's fixtures; it speaks both eras or the older one. */
export async function reference(fixture: Fixture, era: "both" | "legacy"): Promise<string> {
  const command = [process.execPath, join(import.meta.dirname, "conformance/reference-server.ts"), era];
  const { port } = await fixture.run(command).logged("listening");
  return `http://127.0.0.1:${port}/mcp`;
}

/** Starts the official server of the older era that has everything, with sessions over HTTP. */
export async function everythingAt(fixture: Fixture, port: number): Promise<Program> {
  const server = fixture.run(npmServer("everything", "streamableHttp"), { PORT: String(port) });
  await until(() => server.stderr().includes("listening"));
  return server;
}

/** An older client that can be asked everything, and answers with its own name. */
export async function asked(origin: string, name: string) {
  const client = new OlderClient(
    { name, version: "1" },
    { capabilities: { elicitation: {}, sampling: {}, roots: {} } },
  );
  client.setRequestHandler(ElicitRequestSchema, async () => {
    // A person takes longer than the server has for a call.
    await new Promise((done) => setTimeout(done, 2500));
    return { action: "accept" as const, content: { name, check: true } };
  });
  client.setRequestHandler(CreateMessageRequestSchema, async () => ({
    model: "none",
    role: "assistant" as const,
    content: { type: "text" as const, text: `said by ${name}` },
  }));
  client.setRequestHandler(ListRootsRequestSchema, async () => ({
    roots: [{ uri: `file:///${name}`, name }],
  }));
  const transport = new OlderTransport(new URL(`${origin}/mcp`), {
    requestInit: { headers: agent },
  });
  await client.connect(transport);
  return { client, transport };
}

/** A client of 2026-07-28 that can be asked for a form, and answers with its own name. */
export async function askedNewer(origin: string, name: string) {
  const client = new Client(
    { name, version: "1" },
    { capabilities: { elicitation: {} }, versionNegotiation: { mode: { pin: "2026-07-28" } } },
  );
  client.setRequestHandler("elicitation/create", async () => ({ action: "accept", content: { name } }));
  const transport = new StreamableHTTPClientTransport(new URL(`${origin}/mcp`), {
    requestInit: { headers: agent },
  });
  await client.connect(transport);
  return client;
}
