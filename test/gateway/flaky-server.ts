import http from "node:http";
import type { AddressInfo } from "node:net";

/** An MCP server of 2026-07-28 that is well by all that a health check asks, and breaks off calls in the middle. */
export class FlakyServer {
  /** How many calls it is going to break off. */
  breakOff = 0;
  /** The trace context of each call, as the headers and as the request have it. */
  readonly seen: { header: unknown; meta: unknown }[] = [];
  readonly #server = http.createServer(async (request, response) => {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk);
    const { id, method, params } = JSON.parse(Buffer.concat(chunks).toString());
    if (method === "tools/call") {
      this.seen.push({ header: request.headers.traceparent, meta: params._meta.traceparent });
      if (this.breakOff-- > 0) return void request.socket.destroy();
    }
    const result = { resultType: "complete", ...RESULTS[method] };
    response.writeHead(200, { "content-type": "application/json" });
    response.end(JSON.stringify({ jsonrpc: "2.0", id, result }));
  });

  /** Starts it; answers with its endpoint. */
  async listen(): Promise<string> {
    await new Promise<void>((done) => this.#server.listen(0, "127.0.0.1", done));
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}/mcp`;
  }

  close(): void {
    this.#server.close();
    this.#server.closeAllConnections();
  }
}

const RESULTS: Record<string, object> = {
  "server/discover": { supportedVersions: ["2026-07-28"], capabilities: { tools: {} } },
  "tools/list": { tools: [{ name: "seen", inputSchema: { type: "object" } }] },
  "tools/call": { content: [{ type: "text", text: "{}" }] },
};
