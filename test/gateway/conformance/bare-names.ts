import { once } from "node:events";
import http from "node:http";
import type { AddressInfo } from "node:net";

/** Where names stand in a request: the tool's or prompt's, and the prompt's that an argument is completed for. */
type Named = { method?: unknown; params?: { name?: unknown; ref?: { name?: unknown } } };

/**
 * Stands between the suite, which calls tools and prompts by their own names, and the gateway, which shows them as
 * `server__name`: puts the prefix in front of names in requests and takes it out of answers. It knows nothing else of the
 * protocol, so that it can't make good what the gateway does wrong: what it can't parse passes as it came, and so do
 * status, headers and the order of events.
 */
export class BareNames {
  readonly #gateway: string;
  readonly #prefix: string;
  readonly #listener: http.Server;

  /** @param gateway origin of the gateway. */
  constructor(gateway: string, server: string) {
    this.#gateway = gateway;
    this.#prefix = `${server}__`;
    this.#listener = http.createServer((incoming, outgoing) => void this.#forward(incoming, outgoing));
  }

  /** Starts to listen, and gives its origin. */
  async listen(): Promise<string> {
    this.#listener.listen(0, "127.0.0.1");
    await once(this.#listener, "listening");
    return `http://127.0.0.1:${(this.#listener.address() as AddressInfo).port}`;
  }

  close(): void {
    this.#listener.closeAllConnections();
    this.#listener.close();
  }

  async #forward(incoming: http.IncomingMessage, outgoing: http.ServerResponse): Promise<void> {
    let body = "";
    for await (const chunk of incoming.setEncoding("utf8")) body += chunk;
    const message = parsed(body);
    const method = message?.method;
    const headers = { ...incoming.headers };
    if (message?.params && (method === "tools/call" || method === "prompts/get")) {
      const { name } = message.params;
      if (typeof name === "string") message.params.name = this.#prefix + name;
      const mirrored = headers["mcp-name"];
      if (typeof mirrored === "string") headers["mcp-name"] = this.#prefix + mirrored;
    }
    const ref = message?.params?.ref;
    if (typeof ref?.name === "string") ref.name = this.#prefix + ref.name;
    const text = message ? JSON.stringify(message) : body;
    if (body !== "") headers["content-length"] = String(Buffer.byteLength(text));
    const request = http.request(`${this.#gateway}${incoming.url}`, {
      method: incoming.method,
      headers,
      agent: false,
    });
    outgoing.once("close", () => request.destroy());
    request.once("error", () => outgoing.destroy());
    request.once("response", (response) => void this.#answer(response, outgoing));
    request.end(text);
  }

  /** Line by line: an event is there when its last line is, and no name has a line end. */
  async #answer(response: http.IncomingMessage, outgoing: http.ServerResponse): Promise<void> {
    const { "content-length": _length, ...headers } = response.headers;
    outgoing.writeHead(response.statusCode ?? 502, headers);
    outgoing.flushHeaders();
    let rest = "";
    try {
      for await (const chunk of response.setEncoding("utf8")) {
        const lines = (rest + chunk).split("\n");
        rest = lines.pop() ?? "";
        for (const line of lines) outgoing.write(`${line.replaceAll(this.#prefix, "")}\n`);
      }
      outgoing.end(rest.replaceAll(this.#prefix, ""));
    } catch {
      outgoing.destroy();
    }
  }
}

function parsed(body: string): Named | undefined {
  try {
    const message: unknown = JSON.parse(body);
    return typeof message === "object" && message !== null && !Array.isArray(message) ? message : undefined;
  } catch {
    return undefined;
  }
}
