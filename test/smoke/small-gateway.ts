import { once } from "node:events";
import http from "node:http";
import type { AddressInfo } from "node:net";
import { Readable } from "node:stream";
import { createMcpHandler, ProtocolError, Server } from "@modelcontextprotocol/server";

type Json = Record<string, unknown>;

/** What a gateway does; a test replaces what it wants to see broken. */
export interface Behaviour {
  tools(consumer: string): string[];
  prompts(consumer: string): string[];
  call(consumer: string, name: string, args: Json): Json | Promise<Json>;
  resources(): string[];
  read(uri: string): Json;
  /** The consumer of a token; a refusal otherwise. */
  authenticate(token: string | undefined, method: string): string | Response;
  health(): Json | Promise<Json>;
}

const text = (value: string) => ({ content: [{ type: "text", text: value }] });

const grants: Record<string, { tools: string[]; prompts: string[] }> = {
  reader: { tools: ["notes__read", "clock__now"], prompts: ["notes__daily"] },
  writer: { tools: ["notes__write"], prompts: [] },
};

const unauthorized = (challenge: string) =>
  new Response("{}", { status: 401, headers: { "www-authenticate": challenge } });

/** A gateway that does everything right, for the consumers `reader` and `writer`. */
export const sound: Behaviour = {
  tools: (consumer) => grants[consumer]?.tools ?? [],
  prompts: (consumer) => grants[consumer]?.prompts ?? [],
  call(consumer, name) {
    if (!sound.tools(consumer).includes(name)) throw new ProtocolError(-32602, `Unknown tool: ${name}`);
    return name === "clock__now"
      ? { content: [], structuredContent: { hour: 12 } }
      : text("hello from the notes");
  },
  resources: () => [],
  read: (uri) => ({ contents: [{ uri, text: "milk and honey" }] }),
  authenticate(token) {
    const name = token?.replace(/-token$/, "") ?? "";
    return Object.hasOwn(grants, name) ? name : unauthorized('Bearer realm="edge", error="invalid_token"');
  },
  health: () => ({
    status: "ok",
    servers: { notes: { status: "up", tools: 2 }, clock: { status: "up", tools: 1 } },
  }),
};

/** A server on a free port of the loopback interface. */
export interface Listening {
  origin: string;
  close(): Promise<void>;
}

/** Starts any HTTP listener. */
export async function listen(listener: http.RequestListener | http.Server): Promise<Listening> {
  const server = listener instanceof http.Server ? listener : http.createServer(listener);
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  return {
    origin: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    async close() {
      server.closeAllConnections();
      server.close();
      await once(server, "close");
    },
  };
}

/** Starts a gateway that does what {@link sound} does, but for what is `broken`. */
export function smallGateway(broken: Partial<Behaviour> = {}): Promise<Listening> {
  const behaviour = { ...sound, ...broken };
  const handler = createMcpHandler(({ authInfo }) => serverFor(behaviour, authInfo?.clientId ?? ""));
  return listen(async (request, response) => {
    const answer = await answerTo(request).catch(() => new Response(null, { status: 500 }));
    response.writeHead(answer.status, Object.fromEntries(answer.headers));
    response.end(Buffer.from(await answer.arrayBuffer()));
  });

  async function answerTo(request: http.IncomingMessage): Promise<Response> {
    if (request.url === "/health") return Response.json(await behaviour.health());
    const body = Buffer.concat(await Readable.from(request).toArray()).toString();
    const { authorization } = request.headers;
    const method = body === "" ? "" : String(JSON.parse(body).method);
    const consumer = behaviour.authenticate(authorization?.replace("Bearer ", ""), method);
    if (consumer instanceof Response) return consumer;
    const web = new Request(`http://127.0.0.1${request.url}`, {
      method: request.method,
      headers: request.headers as Record<string, string>,
      ...(body !== "" && { body }),
    });
    return handler.fetch(web, { authInfo: { token: "", clientId: consumer, scopes: [] } });
  }
}

function serverFor(behaviour: Behaviour, consumer: string): Server {
  const capabilities = { tools: {}, prompts: {}, resources: {} };
  const server = new Server({ name: "edge", version: "1" }, { capabilities });
  server.fallbackRequestHandler = async ({ method, params = {} }) => {
    const { name, uri, arguments: args } = params as { name: string; uri: string; arguments: Json };
    const inputSchema = { type: "object" };
    switch (method) {
      case "tools/list":
        return { tools: behaviour.tools(consumer).map((tool) => ({ name: tool, inputSchema })) };
      case "resources/list":
        return { resources: behaviour.resources().map((uri) => ({ uri, name: uri })) };
      case "prompts/list":
        return { prompts: behaviour.prompts(consumer).map((prompt) => ({ name: prompt })) };
      case "tools/call":
        return behaviour.call(consumer, name, args);
      case "prompts/get":
        return { messages: [{ role: "user", content: { type: "text", text: "What is on today?" } }] };
      case "resources/read":
        return behaviour.read(uri);
    }
    throw new ProtocolError(-32601, "Method not found");
  };
  return server;
}
