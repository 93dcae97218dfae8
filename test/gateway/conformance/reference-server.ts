/**
 * An MCP server with the fixtures that the official conformance suite asks for, in both eras on one endpoint: what
 * the suite finds wrong behind the gateway and not here is the gateway's. Run as `node reference-server.ts both`, or with
 * `legacy` in place of `both`: then it speaks the older era alone.
 */
import { randomUUID } from "node:crypto";
import http from "node:http";
import type { AddressInfo } from "node:net";
import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import {
  createMcpHandler,
  isLegacyRequest,
  McpServer,
  WebStandardStreamableHTTPServerTransport,
} from "@modelcontextprotocol/server";
import { EventLog } from "./event-log.ts";
import { registerAskingTools, state } from "./fixtures/asking.ts";
import { registerPrompts } from "./fixtures/prompts.ts";
import { registerResources } from "./fixtures/resources.ts";
import { registerTools } from "./fixtures/tools.ts";

interface Session {
  reference: ReturnType<typeof referenceServer>;
  transport: WebStandardStreamableHTTPServerTransport;
}

const sessions = new Map<string, Session>();

/** Whether there is one more tool and one more prompt: what the tools that change a list have made of it. */
const more = { tools: false, prompts: false };

const changes = {
  tools() {
    more.tools = !more.tools;
    modern.notify.toolsChanged();
    for (const { reference } of sessions.values()) reference.tool.update({ enabled: more.tools });
  },
  prompts() {
    more.prompts = !more.prompts;
    modern.notify.promptsChanged();
    for (const { reference } of sessions.values()) reference.prompt.update({ enabled: more.prompts });
  },
};

function referenceServer() {
  const server = new McpServer(
    { name: "reference", version: "1.0.0" },
    {
      capabilities: {
        tools: { listChanged: true },
        prompts: { listChanged: true },
        resources: { listChanged: true, subscribe: true },
        logging: {},
        completions: {},
      },
      requestState: { verify: state.verify },
    },
  );
  registerTools(server, changes);
  registerAskingTools(server);
  registerPrompts(server);
  registerResources(server);
  const later = { description: "Comes and goes" };
  const tool = server.registerTool("test_one_more", later, () => ({ content: [] }));
  const prompt = server.registerPrompt("test_one_more", later, () => ({ messages: [] }));
  if (!more.tools) tool.disable();
  if (!more.prompts) prompt.disable();
  return { server, tool, prompt };
}

const modern = createMcpHandler(() => referenceServer().server, { legacy: "reject" });

/** The older era: the request's own session, or a new one. */
async function legacy(request: Request): Promise<Response> {
  const named = request.headers.get("mcp-session-id");
  if (named !== null) {
    const known = sessions.get(named);
    return known ? known.transport.handleRequest(request) : new Response("No such session", { status: 404 });
  }
  const reference = referenceServer();
  const transport = new WebStandardStreamableHTTPServerTransport({
    sessionIdGenerator: randomUUID,
    eventStore: new EventLog(),
    retryInterval: 50,
    onsessioninitialized: (id) => void sessions.set(id, { reference, transport }),
    onsessionclosed: (id) => void sessions.delete(id),
  });
  await reference.server.connect(transport);
  return transport.handleRequest(request);
}

async function serve(incoming: http.IncomingMessage, outgoing: http.ServerResponse): Promise<void> {
  const gone = new AbortController();
  outgoing.once("close", () => gone.abort());
  const hasBody = incoming.method === "POST";
  const request = new Request(`http://${incoming.headers.host}${incoming.url}`, {
    method: incoming.method ?? "GET",
    headers: new Headers(incoming.headers as Record<string, string>),
    signal: gone.signal,
    ...(hasBody && { body: Readable.toWeb(incoming) as ReadableStream, duplex: "half" }),
  });
  const isLegacy = era === "legacy" || (await isLegacyRequest(request));
  const answer = await (isLegacy ? legacy(request) : modern.fetch(request));
  outgoing.writeHead(answer.status, Object.fromEntries(answer.headers));
  if (!answer.body) return void outgoing.end();
  await pipeline(Readable.fromWeb(answer.body as never), outgoing);
}

const [era] = process.argv.slice(2);
const local = new Set(["127.0.0.1", "localhost"]);
const listener = http.createServer((incoming, outgoing) => {
  const host = URL.parse(`http://${incoming.headers.host}`)?.hostname ?? "";
  if (!local.has(host)) return void outgoing.writeHead(403).end();
  serve(incoming, outgoing).catch(() => outgoing.destroy());
});
listener.listen(0, "127.0.0.1", () => {
  console.log(JSON.stringify({ msg: "listening", port: (listener.address() as AddressInfo).port }));
});
