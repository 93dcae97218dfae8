import { once } from "node:events";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { Readable } from "node:stream";
import { createMcpHandler, McpServer } from "@modelcontextprotocol/server";

/** A server of 2026-07-28 alone that tells of changes when the test says so, and counts who listens. */
export async function newsServer() {
  const handler = createMcpHandler(
    () => {
      const server = new McpServer(
        { name: "news", version: "1" },
        { capabilities: { tools: { listChanged: true }, resources: { listChanged: true, subscribe: true } } },
      );
      server.registerTool("noop", {}, () => ({ content: [] }));
      server.registerResource("one", "news://one", {}, () => ({ contents: [] }));
      return server;
    },
    { legacy: "reject" },
  );
  const self = { url: "", listening: 0, notify: handler.notify, close: async () => {} };
  const server = createServer(async (incoming, outgoing) => {
    const gone = new AbortController();
    outgoing.once("close", () => gone.abort());
    const listens = incoming.headers["mcp-method"] === "subscriptions/listen";
    if (listens) {
      self.listening++;
      outgoing.once("close", () => self.listening--);
    }
    const answer = await handler.fetch(
      new Request(`http://localhost${incoming.url}`, {
        method: incoming.method ?? "GET",
        headers: new Headers(incoming.headers as Record<string, string>),
        signal: gone.signal,
        ...(incoming.method === "POST" && {
          body: Readable.toWeb(incoming) as ReadableStream,
          duplex: "half",
        }),
      }),
    );
    outgoing.writeHead(answer.status, Object.fromEntries(answer.headers));
    if (!answer.body) return void outgoing.end();
    Readable.fromWeb(answer.body as never)
      .on("error", () => outgoing.destroy())
      .pipe(outgoing);
  }).listen(0, "127.0.0.1");
  await once(server, "listening");
  self.url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/mcp`;
  self.close = async () => {
    await handler.close();
    server.close();
    server.closeAllConnections();
    await once(server, "close");
  };
  return self;
}
