/**
 * The server that everything is measured in front of: no SDK, both eras, as fast as Node allows.
 *
 *     node server.ts http PORT    its three tools at /mcp; at /list/N only a list of N tools
 *     node server.ts stdio        the older era on standard input and output, for what wraps a program
 */
import http from "node:http";
import { createInterface } from "node:readline";
import { setImmediate } from "node:timers/promises";
import { definition, EVENTS, LARGE, TOOLS } from "./what.ts";

interface Message {
  id?: number | string;
  method?: string;
  params?: {
    name?: string;
    arguments?: { text?: string };
    protocolVersion?: string;
    _meta?: { progressToken?: unknown };
  };
}
type Send = (message: object) => void;

const text = (value: string) => ({ content: [{ type: "text", text: value }] });
const serverInfo = { name: "bench", version: "1" };
const capabilities = { tools: {} };
const lists = new Map<number, object[]>();

function listOf(count: number): object[] {
  const list = lists.get(count) ?? Array.from({ length: count }, (_, index) => definition(`tool-${index}`));
  lists.set(count, list);
  return list;
}

function resultOf({ method, params = {} }: Message, tools: object[]): object | undefined {
  switch (method) {
    case "server/discover": {
      const _meta = { "io.modelcontextprotocol/serverInfo": serverInfo };
      return { supportedVersions: ["2026-07-28"], capabilities, _meta };
    }
    case "initialize":
      return { protocolVersion: params.protocolVersion, capabilities, serverInfo };
    case "ping":
      return {};
    case "tools/list":
      return { tools };
    case "tools/call":
      if (params.name === "small") return text(params.arguments?.text ?? "");
      return text(params.name === "large" ? LARGE : "done");
  }
  return undefined;
}

/** Answers one request. */
function answer(message: Message, tools: object[], send: Send): void {
  const result = resultOf(message, tools);
  const error = { code: -32601, message: "Method not found" };
  const { id } = message;
  send(
    result
      ? { jsonrpc: "2.0", id, result: { ...result, resultType: "complete" } }
      : { jsonrpc: "2.0", id, error },
  );
}

/** Answers one call that wants progress: an event each turn of the loop, then the result. */
async function stream(message: Message, send: Send): Promise<void> {
  const progressToken = message.params?._meta?.progressToken;
  for (let progress = 1; progress <= EVENTS; progress++) {
    const params = { progressToken, progress, total: EVENTS };
    send({ jsonrpc: "2.0", method: "notifications/progress", params });
    await setImmediate();
  }
  answer(message, TOOLS, send);
}

const isStreamed = ({ params }: Message) => params?._meta?.progressToken !== undefined;

function overHttp(port: number): void {
  const server = http.createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on("data", (chunk) => chunks.push(chunk));
    request.on("end", () => {
      if (request.method !== "POST") return void response.writeHead(405).end();
      const message = JSON.parse(Buffer.concat(chunks).toString()) as Message;
      if (message.id === undefined) return void response.writeHead(202).end();
      const listed = /^\/list\/(\d+)/.exec(request.url ?? "")?.[1];
      const tools = listed === undefined ? TOOLS : listOf(Number(listed));
      if (isStreamed(message)) {
        response.writeHead(200, { "content-type": "text/event-stream" });
        const send: Send = (out) => response.write(`data: ${JSON.stringify(out)}\n\n`);
        return void stream(message, send).then(() => response.end());
      }
      answer(message, tools, (out) => {
        const body = JSON.stringify(out);
        const length = Buffer.byteLength(body);
        response.writeHead(200, { "content-type": "application/json", "content-length": length }).end(body);
      });
    });
  });
  server.keepAliveTimeout = 60_000;
  server.listen(port, "127.0.0.1");
}

function overStdio(): void {
  const send: Send = (out) => process.stdout.write(`${JSON.stringify(out)}\n`);
  createInterface({ input: process.stdin }).on("line", (line) => {
    const message = JSON.parse(line) as Message;
    if (message.id === undefined) return;
    if (isStreamed(message)) void stream(message, send);
    else answer(message, TOOLS, send);
  });
}

const [mode, port] = process.argv.slice(2);
if (mode === "stdio") overStdio();
else overHttp(Number(port));
