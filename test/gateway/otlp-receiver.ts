import http from "node:http";
import type { AddressInfo } from "node:net";

/** A span as it came over OTLP/HTTP in JSON, its attributes as plain values. */
export interface ReceivedSpan {
  traceId: string;
  spanId: string;
  parentSpanId: string;
  name: string;
  kind: "server" | "client" | "other";
  attributes: Record<string, unknown>;
  /** Whether its status is an error, and what it says. */
  error?: string;
  links: string[];
  service: unknown;
}

interface Attribute {
  key: string;
  value: Record<string, unknown>;
}

interface Export {
  resourceSpans: {
    resource: { attributes: Attribute[] };
    scopeSpans: {
      spans: (Omit<ReceivedSpan, "kind" | "attributes" | "links"> & {
        kind: number;
        attributes: Attribute[];
        links?: { traceId: string }[];
        status?: { code: number; message?: string };
      })[];
    }[];
  }[];
}

/** A collector of traces: real HTTP, the real format, and nothing behind it. */
export class OtlpReceiver {
  readonly spans: ReceivedSpan[] = [];
  /** All that was sent, to look for what must not be in it. */
  text = "";
  /** What it answers; a collector may be there and refuse. */
  status = 200;
  readonly #server = http.createServer(async (request, response) => {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk);
    const text = Buffer.concat(chunks).toString();
    response.writeHead(this.status, { "content-type": "application/json" }).end("{}");
    if (this.status !== 200) return;
    this.text += text;
    this.spans.push(...spansIn(JSON.parse(text)));
  });

  /** Starts it; answers with its endpoint. */
  async listen(port = 0): Promise<string> {
    await new Promise<void>((done) => this.#server.listen(port, "127.0.0.1", done));
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}/v1/traces`;
  }

  /** The spans of one trace. */
  of(traceId: string): ReceivedSpan[] {
    return this.spans.filter((span) => span.traceId === traceId);
  }

  close(): void {
    this.#server.close();
    this.#server.closeAllConnections();
  }
}

function spansIn({ resourceSpans }: Export): ReceivedSpan[] {
  return resourceSpans.flatMap(({ resource, scopeSpans }) =>
    scopeSpans
      .flatMap(({ spans }) => spans)
      .map(({ kind, attributes, links = [], status, ...span }) => ({
        ...span,
        kind: kind === 2 ? "server" : kind === 3 ? "client" : "other",
        attributes: plain(attributes),
        links: links.map(({ traceId }) => traceId),
        service: plain(resource.attributes)["service.name"],
        ...(status?.code === 2 && { error: status.message ?? "" }),
      })),
  );
}

function plain(attributes: Attribute[]): Record<string, unknown> {
  return Object.fromEntries(attributes.map(({ key, value }) => [key, Object.values(value)[0]]));
}
