/**
 * An MCP server (2026-07-28) that is put into moods, as `PUT /mood`, and writes down every call that it carries out. Run
 * as `node moody-server.ts NAME LOG PORT`; several share one log. `read` says that it only reads, `write` says nothing.
 */
import { appendFileSync } from "node:fs";
import http from "node:http";
import type { Mood } from "./moody.ts";

const [name = "", log = "", port = "0"] = process.argv.slice(2);
let mood: Mood = { kind: "well" };

const TOOLS = [
  { name: "read", inputSchema: { type: "object" }, annotations: { readOnlyHint: true } },
  { name: "write", inputSchema: { type: "object" } },
];

type Request = { id?: number; method: string; params: { name: string; arguments: Record<string, unknown> } };

async function call({ name: tool, arguments: args }: Request["params"]): Promise<object> {
  appendFileSync(log, `${JSON.stringify({ server: name, tool, id: args.id })}\n`);
  if (args.error) throw new Error("refused");
  await new Promise((done) => setTimeout(done, Number(args.ms ?? 0)));
  return { content: [{ type: "text", text: name }], isError: args.fails === true };
}

async function result(message: Request): Promise<object> {
  if (message.method === "server/discover")
    return { supportedVersions: ["2026-07-28"], capabilities: { tools: {} } };
  return message.method === "tools/list" ? { tools: TOOLS } : await call(message.params);
}

async function serve(message: Request, response: http.ServerResponse): Promise<void> {
  const { id } = message;
  const now = mood.only === undefined || mood.only === message.method ? mood : ({ kind: "well" } as const);
  if (mood === now && mood.times !== undefined && --mood.times === 0) mood = { kind: "well" };
  if (now.kind === "slow") await new Promise((done) => setTimeout(done, now.ms));
  if (now.kind === "status") return void response.writeHead(now.status, now.headers).end("not now");
  const answer = await result(message).then(
    (found) => ({ jsonrpc: "2.0", id, result: { ...found, resultType: "complete" } }),
    (error: Error) => ({ jsonrpc: "2.0", id, error: { code: -32050, message: error.message } }),
  );
  const type = now.kind === "half" ? "text/event-stream" : "application/json";
  response.writeHead(200, { "content-type": type });
  const text = JSON.stringify(now.kind === "other id" ? { ...answer, id: -1 } : answer);
  if (now.kind === "garbage") response.end('{"jsonrpc": "2.0", ]');
  else if (now.kind === "half") response.end(`data: ${text.slice(0, 20)}`);
  else response.end(text);
}

http
  .createServer(async (request, response) => {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk);
    const body = JSON.parse(Buffer.concat(chunks).toString() || "{}");
    if (request.url === "/mood") {
      mood = body;
      return void response.end();
    }
    await serve(body, response);
  })
  .listen(Number(port), "127.0.0.1", function (this: http.Server) {
    const address = this.address();
    console.log(JSON.stringify({ msg: "listening", port: typeof address === "object" && address?.port }));
  });
