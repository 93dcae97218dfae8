import { isUtf8 } from "node:buffer";
import type { IncomingMessage, ServerResponse } from "node:http";

/**
 * A body that is too long is read up to so many times the limit, and not kept: a client that is still sending when the
 * connection ends never gets to read why.
 */
const READ_ON = 4;

/** The request body as text; `undefined` when it is longer than `limit` bytes, empty when it is no UTF-8, as JSON is. */
export async function readBody(request: IncomingMessage, limit: number): Promise<string | undefined> {
  if (Number(request.headers["content-length"] ?? 0) > READ_ON * limit) return undefined;
  const chunks: Buffer[] = [];
  let length = 0;
  for await (const chunk of request as AsyncIterable<Buffer>) {
    length += chunk.length;
    if (length > READ_ON * limit) return undefined;
    if (length <= limit) chunks.push(chunk);
  }
  if (length > limit) return undefined;
  const body = Buffer.concat(chunks);
  return isUtf8(body) ? body.toString("utf8") : "";
}

/** Answers with JSON; does nothing when an answer has begun already. */
export function sendJson(response: ServerResponse, status: number, body: unknown, headers = {}): void {
  if (response.headersSent || response.destroyed) return;
  // As bytes: to join a text with the headers, and encode both, takes longer than to write one after the other.
  const bytes = Buffer.from(JSON.stringify(body));
  const type = { "content-type": "application/json", "content-length": bytes.length };
  response.writeHead(status, { ...type, ...headers });
  response.end(bytes);
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
