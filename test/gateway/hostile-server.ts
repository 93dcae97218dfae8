import http from "node:http";
import type { AddressInfo } from "node:net";

/** A request as the server got it. */
export interface Asked {
  id: number;
  method: string;
  params: { name?: string; _meta?: { progressToken?: unknown } };
  headers: http.IncomingHttpHeaders;
}

/** What a server does about one request. */
export type Misdeed = (response: http.ServerResponse, asked: Asked) => void;

const json = (message: object) => JSON.stringify({ jsonrpc: "2.0", ...message });

/** A right answer. */
export const result = (id: unknown, content: object = { content: [] }) =>
  json({ id, result: { resultType: "complete", ...content } });

/** Answers with a whole body. */
export const body = (type: string, text: string | Buffer, status = 200) =>
  ((response) => void response.writeHead(status, { "content-type": type }).end(text)) as Misdeed;

/** Answers with JSON made from the request. */
export const jsonBody =
  (make: (asked: Asked) => string): Misdeed =>
  (response, asked) =>
    body("application/json", make(asked))(response, asked);

/** Answers with the events made from the request, and ends the stream. */
export const events =
  (...make: ((asked: Asked) => string)[]): Misdeed =>
  (response, asked) =>
    body("text/event-stream", make.map((each) => `data: ${each(asked)}\n\n`).join(""))(response, asked);

/** Begins an answer, and writes the same piece for ever: as fast as it is read, or one in so many milliseconds. */
export const endless =
  (type: string, piece: string | Buffer, everyMs = 0): Misdeed =>
  (response) => {
    response.writeHead(200, { "content-type": type });
    const go = () => {
      while (!response.destroyed && response.write(piece)) if (everyMs > 0) return;
      response.once("drain", go);
    };
    if (everyMs === 0) return go();
    const timer = setInterval(() => response.write(piece), everyMs);
    response.once("close", () => clearInterval(timer));
  };

/** Ends a stream before its answer, to be gone on with after some milliseconds. */
export const unfinished = (retry: number) => (response: http.ServerResponse) =>
  void response
    .writeHead(200, { "content-type": "text/event-stream" })
    .end(`id: 1\nretry: ${retry}\ndata:\n\n`);

/** A notification, in JSON. */
export const notification = (method: string, params: object) => json({ method, params });

/** A request of the server's own, in JSON. */
export const question = (id: unknown, method: string, params: object) => json({ id, method, params });

/** An MCP server of 2026-07-28 that answers calls as its tools are named, and lists whatever it is told to. */
export class HostileServer {
  readonly #server: http.Server;
  /** How lists are answered; empty at first. */
  list: Misdeed = jsonBody(({ id }) => result(id, { tools: [] }));
  /** How a stream is gone on with. */
  goOn = (response: http.ServerResponse): void => unfinished(0)(response);
  /** The last call, and how many there were. */
  asked: Asked | undefined;
  calls = 0;

  constructor(misdeeds: Record<string, Misdeed>) {
    this.#server = http.createServer(async (request, response) => {
      if (request.method === "GET") return this.goOn(response);
      const chunks: Buffer[] = [];
      for await (const chunk of request) chunks.push(chunk);
      const { id, method, params } = JSON.parse(Buffer.concat(chunks).toString());
      if (method === undefined) return void response.writeHead(202).end(); // the answer to a question
      const asked = { id, method, params, headers: request.headers };
      if (method === "server/discover") {
        const found = { supportedVersions: ["2026-07-28"], capabilities: { tools: {} } };
        return body("application/json", result(id, found))(response, asked);
      }
      if (method === "tools/list") return this.list(response, asked);
      this.asked = asked;
      this.calls++;
      const misdeed = misdeeds[params.name] ?? jsonBody(() => result(id));
      misdeed(response, asked);
    });
  }

  /** Starts to listen, and gives its endpoint. */
  async listen(): Promise<string> {
    await new Promise<void>((done) => this.#server.listen(0, "127.0.0.1", done));
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}/`;
  }

  close(): void {
    this.#server.closeAllConnections();
    this.#server.close();
  }
}
