import { once } from "node:events";
import http from "node:http";
import https from "node:https";

/** One HTTP request to an MCP endpoint; the path and the host are the sender's business. */
export interface HttpRequest {
  method: "POST" | "GET" | "DELETE";
  headers: Record<string, string>;
  body?: string;
  signal: AbortSignal;
}

/** The answer to it, its body unread. */
export interface HttpResponse {
  status: number;
  headers: Record<string, string | string[] | undefined>;
  body: AsyncIterable<Uint8Array> & { destroy(): unknown };
}

/** How requests get to an endpoint. Rejects when no HTTP answer came. */
export type HttpSender = (request: HttpRequest) => Promise<HttpResponse>;

/**
 * Sends with `node:http`: no connection is kept, nothing but Node is imported, so it suits the one-off
 * question of a probe.
 *
 * @param url the endpoint.
 * @param socket path of a Unix domain socket to reach it by, in place of the URL's host and port.
 */
export function plainSender(url: string, socket?: string): HttpSender {
  const target = new URL(url);
  const client = target.protocol === "https:" ? https : http;
  return async ({ method, headers, body, signal }) => {
    const request = client.request(target, { method, headers, signal, agent: false, socketPath: socket });
    request.end(body);
    const [response] = (await once(request, "response")) as [http.IncomingMessage];
    request.on("error", () => {}); // what happens from here on shows in the body
    return { status: response.statusCode ?? 0, headers: response.headers, body: response };
  };
}

/** The whole body as text, at most `limit` characters of it (the rest is not read). */
export async function readText(
  body: AsyncIterable<Uint8Array>,
  limit = Number.POSITIVE_INFINITY,
): Promise<string> {
  const decoder = new TextDecoder();
  let text = "";
  for await (const chunk of body) {
    text += decoder.decode(chunk, { stream: true });
    if (text.length > limit) break;
  }
  return text.slice(0, limit);
}
