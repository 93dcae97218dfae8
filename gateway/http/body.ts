import type { IncomingMessage, ServerResponse } from "node:http";

/** The request body as text, or `undefined` when it is longer than `limit` bytes (the rest is then left unread). */
export async function readBody(request: IncomingMessage, limit: number): Promise<string | undefined> {
  if (Number(request.headers["content-length"] ?? 0) > limit) return undefined;
  const chunks: Buffer[] = [];
  let length = 0;
  for await (const chunk of request as AsyncIterable<Buffer>) {
    length += chunk.length;
    if (length > limit) return undefined;
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString("utf8");
}

/** Answers with JSON; does nothing when an answer has begun already. */
export function sendJson(response: ServerResponse, status: number, body: unknown, headers = {}): void {
  if (response.headersSent || response.destroyed) return;
  const text = JSON.stringify(body);
  const length = Buffer.byteLength(text);
  response.writeHead(status, { "content-type": "application/json", "content-length": length, ...headers });
  response.end(text);
}

/** Answers with a JSON-RPC error. `id` is the request's, or null when none could be read (JSON-RPC 2.0, section 5). */
export function sendRpcError(
  response: ServerResponse,
  status: number,
  error: { code: number; message: string; data?: unknown },
  { id = null, headers = {} }: { id?: unknown; headers?: Record<string, string> } = {},
): void {
  const { code, message, data } = error;
  const body = { jsonrpc: "2.0", id, error: { code, message, ...(data !== undefined && { data }) } };
  sendJson(response, status, body, headers);
}
