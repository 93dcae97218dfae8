import { once } from "node:events";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";

/** A tool's definition, as raw as it gets. */
export type Definition = Record<string, unknown> & { name: string };

/** A server (2026-07-28) that lists whatever the test says at the moment, and notes the calls that reach it. */
export async function changingServer(tools: Definition[]) {
  const self = { url: "", tools, calls: [] as string[], close: async () => {} };
  const answers: Record<string, (params: { name?: string }) => Record<string, unknown>> = {
    "server/discover": () => ({ supportedVersions: ["2026-07-28"], capabilities: { tools: {} } }),
    "tools/list": () => ({ tools: self.tools }),
    "tools/call": ({ name = "" }) => {
      self.calls.push(name);
      return { content: [{ type: "text", text: `called ${name}` }] };
    },
  };
  const server = createServer(async (request, response) => {
    let text = "";
    for await (const chunk of request) text += chunk;
    const { id, method, params } = JSON.parse(text);
    const result = { ...answers[method]?.(params), resultType: "complete" };
    response.setHeader("content-type", "application/json");
    response.end(JSON.stringify({ jsonrpc: "2.0", id, result }));
  }).listen(0, "127.0.0.1");
  await once(server, "listening");
  self.url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/mcp`;
  self.close = async () => {
    server.close();
    server.closeAllConnections();
    await once(server, "close");
  };
  return self;
}
