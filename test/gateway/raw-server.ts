/**
 * An MCP server without any SDK, so that it can say what no SDK would: unknown fields, unknown kinds of content,
 * secrets in errors. Run as `node raw-server.ts MODE [PORT]`:
 *
 * - `stdio`: older era, on standard input and output; `stdio-modern`: 2026-07-28 only;
 * - `stdio-mute`: never answers; `stdio-deaf`: ignores the end of its input and SIGTERM;
 * - `http`: 2026-07-28 only; `http-session`: older era, insists on sessions.
 */
import { randomUUID } from "node:crypto";
import http from "node:http";
import { createInterface } from "node:readline";

type Message = { id?: number | string; method?: string; params?: Record<string, unknown> };
type Send = (message: Record<string, unknown>) => void;

const SECRET = "sk-upstream-secret-0123456789";
const [mode = "stdio", port = "0"] = process.argv.slice(2);
const modern = mode === "http" || mode === "stdio-modern";
const cancelled: unknown[] = [];

const TOOLS = [
  {
    name: "odd",
    inputSchema: { type: "object", "x-schema-extension": 1 },
    execution: { taskSupport: "optional" },
    "x-vendor": { nested: [1, { two: null }] },
  },
  ...["slow", "fail", "explode", "progress", "exit", "seen", "cancelled", "pid"].map((name) => ({
    name,
    inputSchema: { type: "object" },
  })),
];

const text = (value: unknown) => ({ content: [{ type: "text", text: JSON.stringify(value) }] });

async function call(params: Record<string, unknown>, send: Send): Promise<Record<string, unknown>> {
  const args = (params.arguments ?? {}) as Record<string, unknown>;
  switch (params.name) {
    case "odd":
      return { content: [{ type: "hologram", depth: 3, "x-more": true }], "x-result": { kept: "yes" } };
    case "slow":
      await new Promise((done) => setTimeout(done, Number(args.ms)));
      return text("done");
    case "fail":
      return { ...text("it failed"), isError: true };
    case "progress": {
      const progressToken = (params._meta as Record<string, unknown> | undefined)?.progressToken;
      for (const progress of [1, 2]) {
        send({
          jsonrpc: "2.0",
          method: "notifications/progress",
          params: { progressToken, progress, total: 2 },
        });
      }
      return text({ token: typeof progressToken });
    }
    case "exit":
      console.error("about to die: the reason");
      process.exit(3);
      break;
    case "seen":
      return text(params);
    case "cancelled":
      return text(cancelled.length);
    case "pid":
      return text(process.pid);
  }
  throw Object.assign(new Error(`it exploded with ${SECRET}`), { code: -32050, data: { token: SECRET } });
}

async function answer(message: Message, send: Send): Promise<void> {
  const { id, method, params = {} } = message;
  if (method === "notifications/cancelled") cancelled.push(params.requestId);
  if (id === undefined || mode === "stdio-mute") return;
  const capabilities = { tools: {}, resources: {}, "x-capability": {} };
  const extra = modern ? { resultType: "complete" } : {};
  const reply = (result: Record<string, unknown>) =>
    send({ jsonrpc: "2.0", id, result: { ...result, ...extra } });
  try {
    const envelope = (params._meta as Record<string, unknown> | undefined)?.[
      "io.modelcontextprotocol/protocolVersion"
    ];
    if (modern && envelope !== "2026-07-28") {
      throw Object.assign(new Error("Unsupported"), { code: -32022, data: { supported: ["2026-07-28"] } });
    }
    if (method === "server/discover" && modern) reply({ supportedVersions: ["2026-07-28"], capabilities });
    else if (method === "initialize" && !modern) {
      reply({
        protocolVersion: params.protocolVersion,
        capabilities,
        serverInfo: { name: "raw", version: "1" },
      });
    } else if (method === "ping" && !modern) reply({});
    else if (method === "tools/list") {
      // Two pages, to see them merged.
      reply(params.cursor ? { tools: TOOLS.slice(4) } : { tools: TOOLS.slice(0, 4), nextCursor: "more" });
    } else if (method === "resources/list") {
      reply({
        resources: [
          { uri: "raw://a/1", name: "one" },
          { uri: "raw://b/2", name: "two" },
        ],
      });
    } else if (method === "resources/templates/list") {
      reply({
        resourceTemplates: [
          { uriTemplate: "raw://a/{x}", name: "a" },
          { uriTemplate: "raw://{x}", name: "any" },
        ],
      });
    } else if (method === "resources/read")
      reply({ contents: [{ uri: params.uri, text: "read", "x-raw": 1 }] });
    else if (method === "tools/call") reply(await call(params, send));
    else throw Object.assign(new Error("Method not found"), { code: -32601 });
  } catch (error) {
    const { code, message: why, data } = error as { code: number; message: string; data?: unknown };
    send({ jsonrpc: "2.0", id, error: { code, message: why, ...(data !== undefined && { data }) } });
  }
}

function overStdio(): void {
  console.error(`raw server, environment: ${process.env.RAW_SERVER_NOTE ?? "none"}`);
  console.log("this line is no message");
  if (mode === "stdio-deaf") {
    process.on("SIGTERM", () => {});
    setInterval(() => {}, 1000);
  }
  createInterface({ input: process.stdin }).on("line", (line) => {
    void answer(JSON.parse(line), (message) => console.log(JSON.stringify(message)));
  });
}

function overHttp(): void {
  const sessions = new Set<string>();
  const server = http.createServer(async (request, response) => {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk);
    if (request.method !== "POST") return void response.writeHead(405).end();
    if (process.env.RAW_SERVER_KEY && request.headers["x-key"] !== process.env.RAW_SERVER_KEY) {
      return void response.writeHead(401).end(SECRET);
    }
    const message = JSON.parse(Buffer.concat(chunks).toString()) as Message;
    if (mode === "http-session") {
      if (message.method === "initialize") {
        const session = randomUUID();
        sessions.add(session);
        response.setHeader("mcp-session-id", session);
      } else if (!sessions.has(String(request.headers["mcp-session-id"]))) {
        return void response.writeHead(404, { "content-type": "text/plain" }).end("no such session");
      }
    }
    if (message.id === undefined) {
      void answer(message, () => {});
      return void response.writeHead(202).end();
    }
    response.once("close", () => {
      if (!response.writableFinished) cancelled.push(message.id);
    });
    // As an event stream when the caller wants progress, else as JSON: both must work.
    const stream =
      (message.params?._meta as Record<string, unknown> | undefined)?.progressToken !== undefined;
    response.writeHead(200, { "content-type": stream ? "text/event-stream" : "application/json" });
    await answer(message, (out) =>
      response.write(stream ? `data: ${JSON.stringify(out)}\n\n` : JSON.stringify(out)),
    );
    response.end();
  });
  server.listen(Number(port), "127.0.0.1", () => {
    const address = server.address();
    console.log(JSON.stringify({ msg: "listening", port: typeof address === "object" && address?.port }));
  });
}

if (mode.startsWith("stdio")) overStdio();
else overHttp();
