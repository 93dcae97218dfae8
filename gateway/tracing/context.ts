import { type JsonObject, metaOf } from "../protocol/messages.ts";

/**
 * Where a request belongs in a trace, as it travels: by these names in HTTP headers (W3C Trace Context, W3C Baggage) and in
 * `params._meta` (MCP, "Distributed tracing conventions").
 */
export interface TraceContext {
  traceparent: string;
  tracestate?: string;
  baggage?: string;
}

/** Version 00 ends with its flags; what later versions may add is left unread. */
const TRACEPARENT = /^(?:00-.{52}$|(?!00|ff)[0-9a-f]{2}-)/;
const IDS = /^..-(?!0{32})[0-9a-f]{32}-(?!0{16})[0-9a-f]{16}-[0-9a-f]{2}(?:-|$)/;
const LONGEST = 256;

/** What may stand in a header, and no more of it than W3C asks anybody to carry. */
const CARRIED = /^[\x20-\x7e]{1,8192}$/;

/** The context in some headers, or in a `_meta`; `undefined` when there is none that is right. */
export function readContext(
  carrier: Readonly<Record<string, unknown>> | undefined,
): TraceContext | undefined {
  const traceparent = carrier?.traceparent;
  if (typeof traceparent !== "string" || traceparent.length > LONGEST) return undefined;
  if (!TRACEPARENT.test(traceparent) || !IDS.test(traceparent)) return undefined;
  const context: TraceContext = { traceparent };
  for (const name of ["tracestate", "baggage"] as const) {
    const value = carrier?.[name];
    if (typeof value === "string" && CARRIED.test(value)) context[name] = value;
  }
  return context;
}

/** `params` with this context in their `_meta`, and nothing of another one. */
export function withContext(params: JsonObject, context: TraceContext): JsonObject {
  const { traceparent: _parent, tracestate: _state, baggage: _baggage, ...meta } = metaOf(params) ?? {};
  return { ...params, _meta: { ...meta, ...context } };
}

/** The id of the trace. */
export function traceIdOf({ traceparent }: TraceContext): string {
  return traceparent.slice(3, 35);
}
