import { randomUUID } from "node:crypto";
import { once } from "node:events";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { createRemoteJWKSet, type JWTPayload, jwtVerify } from "jose";

/** An MCP server that serves nobody without a token for it. */
export interface ProtectedServer {
  /** Its endpoint, and whom tokens must be for. */
  readonly url: string;
  /** The headers of every request that it got. */
  readonly headers: IncomingMessage["headers"][];
  /** The claims of every token that it took for a tool call, and the session that the call was in. */
  readonly calls: { claims: JWTPayload; session: string | undefined; params: object | undefined }[];
  /** Sessions by who opened them. */
  readonly sessions: Map<string, string | undefined>;
  /** Tokens that it no longer takes, whatever their time. */
  readonly revoked: Set<string>;
  /** The scope that a tool call needs. */
  scope: string | undefined;
  /** The tokens that it was shown. */
  tokens(): string[];
  close(): Promise<void>;
}

type Message = { id?: number; method?: string; params?: { name?: string; protocolVersion?: string } };

/**
 * Starts one; with `sessions` it speaks the older era and insists on a session, which only the one may use who opened it.
 */
export async function protectedServer(
  { issuer, jwksUri }: { issuer: string; jwksUri: string },
  { sessions: withSessions = false, tools = ["whoami"] } = {},
): Promise<ProtectedServer> {
  const keys = createRemoteJWKSet(new URL(jwksUri), { cooldownDuration: 0 });
  const server = createServer((request, response) => void answer(request, response));
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/mcp`;

  const self: ProtectedServer = {
    url,
    headers: [],
    calls: [],
    sessions: new Map(),
    revoked: new Set(),
    scope: undefined,
    tokens: () => [...new Set(self.headers.flatMap((each) => bearer(each) ?? []))],
    async close() {
      server.close();
      server.closeAllConnections();
    },
  };

  async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    self.headers.push(request.headers);
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk);
    const token = bearer(request.headers);
    const claims = token && !self.revoked.has(token) ? await verified(token) : undefined;
    if (!claims) return refuse(response, 401, 'Bearer error="invalid_token"');
    if (request.method === "DELETE") return void response.writeHead(200).end();
    const message = JSON.parse(Buffer.concat(chunks).toString("utf8") || "{}") as Message;
    const session = request.headers["mcp-session-id"] as string | undefined;
    if (withSessions && message.method !== "initialize" && message.method !== "server/discover") {
      if (!session || !self.sessions.has(session)) return void response.writeHead(404).end();
      if (self.sessions.get(session) !== claims.sub) return refuse(response, 403, "Bearer");
    }
    const lacks = message.method === "tools/call" && self.scope && !scopesOf(claims).includes(self.scope);
    if (lacks) return refuse(response, 403, `Bearer error="insufficient_scope", scope="${self.scope}"`);
    if (message.id === undefined) return void response.writeHead(202).end();
    const made = withSessions && message.method === "initialize" ? randomUUID() : undefined;
    if (made) self.sessions.set(made, claims.sub);
    response.writeHead(200, { "content-type": "application/json", ...(made && { "mcp-session-id": made }) });
    response.end(JSON.stringify({ jsonrpc: "2.0", id: message.id, ...reply(message, claims, session) }));
  }

  function reply({ method, params }: Message, claims: JWTPayload, session: string | undefined) {
    const capabilities = { tools: {} };
    if (method === "initialize" && withSessions) {
      const serverInfo = { name: "protected", version: "1" };
      return { result: { protocolVersion: params?.protocolVersion, capabilities, serverInfo } };
    }
    if (method === "server/discover" && !withSessions) {
      return { result: { supportedVersions: ["2026-07-28"], capabilities, resultType: "complete" } };
    }
    if (method === "tools/list") {
      const listed = tools.map((name) => ({ name, inputSchema: { type: "object" } }));
      return { result: { tools: listed, resultType: "complete" } };
    }
    if (method === "tools/call") {
      self.calls.push({ claims, session, params });
      const text = JSON.stringify({ sub: claims.sub, tool: params?.name, session });
      return { result: { content: [{ type: "text", text }], resultType: "complete" } };
    }
    return { error: { code: -32601, message: "Method not found" } };
  }

  const verified = (token: string) =>
    jwtVerify(token, keys, { issuer, audience: url }).then(
      ({ payload }) => payload,
      () => undefined,
    );

  return self;
}

function refuse(response: ServerResponse, status: number, challenge: string): void {
  response.writeHead(status, { "www-authenticate": challenge }).end();
}

const bearer = ({ authorization }: IncomingMessage["headers"]) =>
  /^Bearer (.+)$/.exec(authorization ?? "")?.[1];

const scopesOf = ({ scope }: JWTPayload) => String(scope ?? "").split(" ");
