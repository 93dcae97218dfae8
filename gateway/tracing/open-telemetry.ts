import { setTimeout } from "node:timers/promises";
import {
  type Attributes,
  createTraceState,
  ROOT_CONTEXT,
  type Span,
  type SpanContext,
  SpanKind,
  SpanStatusCode,
  type Tracer,
  trace,
} from "@opentelemetry/api";
import { OTLPTraceExporter } from "@opentelemetry/exporter-trace-otlp-http";
import { resourceFromAttributes } from "@opentelemetry/resources";
import {
  BasicTracerProvider,
  BatchSpanProcessor,
  ParentBasedSampler,
  TraceIdRatioBasedSampler,
} from "@opentelemetry/sdk-trace-base";
import { qualified } from "../access.ts";
import { printable } from "../audit.ts";
import type { GatewayConfig } from "../config.ts";
import type { Logger } from "../logging.ts";
import { knownMethod } from "../metrics.ts";
import { CLIENT_INFO } from "../protocol/codec.ts";
import { RpcError } from "../protocol/messages.ts";
import { UpstreamError } from "../upstream.ts";
import { type TraceContext, traceIdOf } from "./context.ts";
import { reporting } from "./reporting.ts";
import type { Recorder, TracedRequest } from "./service.ts";
import type { Attempt, Served, Trace } from "./trace.ts";

/** Longest time for what is not delivered yet when the gateway ends, in milliseconds. */
const CLOSE_MS = 2000;

/** Most spans that wait to be delivered; further ones are dropped. */
const MAX_WAITING = 2048;

/**
 * Records traces with OpenTelemetry, as its conventions for MCP name things. Nothing is registered globally, and no span
 * holds an argument, a result, a token or a word of a server: what callers and servers name is made printable and cut.
 */
export class OpenTelemetry implements Recorder {
  readonly #provider: BasicTracerProvider;
  readonly #tracer: Tracer;

  constructor(
    gateway: string,
    { endpoint, ratio }: NonNullable<GatewayConfig["tracing"]>,
    logger: Pick<Logger, "warn" | "info">,
  ) {
    const { version } = CLIENT_INFO;
    const exporter = reporting(new OTLPTraceExporter({ url: endpoint, timeoutMillis: 5000 }), logger);
    this.#provider = new BasicTracerProvider({
      resource: resourceFromAttributes({ "service.name": gateway, "service.version": version }),
      // Whether a trace is recorded is its first part's decision; all of it is recorded, or nothing.
      sampler: new ParentBasedSampler({ root: new TraceIdRatioBasedSampler(ratio) }),
      spanLimits: { attributeValueLengthLimit: 200 },
      spanProcessors: [new BatchSpanProcessor(exporter, { maxQueueSize: MAX_WAITING })],
    });
    this.#tracer = this.#provider.getTracer(CLIENT_INFO.name, version);
  }

  async request<Result>(request: TracedRequest, serve: (trace: Trace) => Promise<Result>): Promise<Result> {
    const { parent, transport } = request;
    const method = knownMethod(request.method);
    const span = this.#tracer.startSpan(
      method,
      {
        kind: SpanKind.SERVER,
        attributes: {
          "mcp.method.name": method,
          "jsonrpc.request.id": printable(String(request.id)),
          "mcp_infra.consumer": request.consumer,
          "mcp_infra.request_id": request.requestId,
        },
        ...(transport && { links: [{ context: spanContextOf(transport) }] }),
      },
      parent ? trace.setSpanContext(ROOT_CONTEXT, spanContextOf(parent)) : ROOT_CONTEXT,
    );
    const recorded = new RecordedTrace(this.#tracer, span, method, parent?.baggage);
    try {
      return await serve(recorded);
    } catch (error) {
      recorded.failed(error);
      throw error;
    } finally {
      span.end();
    }
  }

  async close(): Promise<void> {
    const done = new AbortController();
    const late = setTimeout(CLOSE_MS, undefined, { signal: done.signal }).catch(() => {});
    await Promise.race([this.#provider.shutdown().catch(() => {}), late]);
    done.abort();
  }
}

/** The trace of one request: its own span, and one below it for each attempt. */
class RecordedTrace implements Trace {
  readonly id: string;
  readonly #tracer: Tracer;
  readonly #span: Span;
  readonly #method: string;
  readonly #baggage: string | undefined;
  #attempts = 0;
  #judged = false;

  constructor(tracer: Tracer, span: Span, method: string, baggage: string | undefined) {
    this.id = span.spanContext().traceId;
    this.#tracer = tracer;
    this.#span = span;
    this.#method = method;
    this.#baggage = baggage;
  }

  async attempt<Result>(
    { server, method, target }: Attempt,
    send: (context: TraceContext) => Promise<Result>,
  ): Promise<Result> {
    const span = this.#tracer.startSpan(
      target === undefined ? method : `${method} ${printable(target)}`,
      {
        kind: SpanKind.CLIENT,
        attributes: {
          "mcp.method.name": method,
          ...targetAttributes(method, target),
          "mcp_infra.server": server,
          "mcp_infra.attempt": ++this.#attempts,
        },
      },
      trace.setSpan(ROOT_CONTEXT, this.#span),
    );
    try {
      const result = await send(this.#contextOf(span));
      if ((result as { isError?: unknown }).isError === true) fail(span, "tool_error");
      return result;
    } catch (error) {
      failWith(span, error);
      throw error;
    } finally {
      span.end();
    }
  }

  served({ server, target, outcome }: Served): void {
    if (server !== undefined) {
      const isNamed = this.#method === "tools/call" || this.#method === "prompts/get";
      if (isNamed) {
        const name = qualified(server, printable(target));
        this.#span.updateName(`${this.#method} ${name}`);
        this.#span.setAttributes(targetAttributes(this.#method, name));
      }
      this.#span.setAttribute("mcp_infra.server", server);
    }
    this.#span.setAttribute("mcp_infra.outcome", outcome);
    this.#judged = outcome !== "ok";
    if (this.#judged) fail(this.#span, outcome);
  }

  /** Notes the error that the caller gets. */
  failed(error: unknown): void {
    if (error instanceof RpcError) {
      this.#span.setAttribute("rpc.response.status_code", String(error.code));
    }
    if (!this.#judged) failWith(this.#span, error);
  }

  #contextOf(span: Span): TraceContext {
    const { traceId, spanId, traceFlags, traceState } = span.spanContext();
    const tracestate = traceState?.serialize();
    return {
      traceparent: `00-${traceId}-${spanId}-${traceFlags.toString(16).padStart(2, "0")}`,
      ...(tracestate && { tracestate }),
      ...(this.#baggage && { baggage: this.#baggage }),
    };
  }
}

function spanContextOf(context: TraceContext): SpanContext {
  const { traceparent, tracestate } = context;
  return {
    traceId: traceIdOf(context),
    spanId: traceparent.slice(36, 52),
    traceFlags: Number.parseInt(traceparent.slice(53, 55), 16),
    isRemote: true,
    ...(tracestate && { traceState: createTraceState(tracestate) }),
  };
}

function targetAttributes(method: string, target: string | undefined): Attributes {
  if (target === undefined) return {};
  if (method === "tools/call") {
    return { "gen_ai.operation.name": "execute_tool", "gen_ai.tool.name": printable(target) };
  }
  return method === "prompts/get" ? { "gen_ai.prompt.name": printable(target) } : {};
}

/** Of a server's error the code alone: its words may hold anything. */
function failWith(span: Span, error: unknown): void {
  if (error instanceof RpcError) {
    const code = String(error.code);
    span.setAttribute("rpc.response.status_code", code);
    fail(span, code);
  } else if (error instanceof UpstreamError) fail(span, error.kind, error.message);
  else fail(span, "_OTHER");
}

function fail(span: Span, type: string, message?: string): void {
  span.setAttribute("error.type", type);
  span.setStatus({ code: SpanStatusCode.ERROR, ...(message && { message }) });
}
