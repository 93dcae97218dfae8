import type { Caller } from "../caller.ts";
import type { Exchange, McpService } from "../http/service.ts";
import { type JsonObject, metaOf, type RpcRequest } from "../protocol/messages.ts";
import { readContext, type TraceContext } from "./context.ts";
import { passedOn, type Trace } from "./trace.ts";

/** A request that a trace is recorded of. */
export interface TracedRequest {
  method: string;
  id: RpcRequest["id"];
  consumer: string;
  /** The gateway's own id of the HTTP request. */
  requestId: string;
  /** Whose part it is. */
  parent: TraceContext | undefined;
  /** What its HTTP request is a part of, where that is something else. */
  transport: TraceContext | undefined;
}

/** Records traces and delivers them. */
export interface Recorder {
  /** Records one request while it is served. */
  request<Result>(request: TracedRequest, serve: (trace: Trace) => Promise<Result>): Promise<Result>;
  /** Delivers what is there, within a short time, and ends. */
  close(): Promise<void>;
}

/**
 * A service whose requests belong to traces: the caller's, recorded or not, and with a recorder also new ones. The context in
 * `_meta` is the request's own; that of the headers is the HTTP request's, which may carry several (a batch).
 */
export function traced(service: McpService<Caller>, recorder: Recorder | undefined): McpService<Caller> {
  const handle = (request: RpcRequest, exchange: Exchange<Caller>): Promise<JsonObject> => {
    const own = readContext(metaOf(request.params));
    const parent = own ?? exchange.traceContext;
    if (!recorder) {
      return service.handle(request, parent ? { ...exchange, trace: passedOn(parent) } : exchange);
    }
    const { method, id } = request;
    const { requestId, caller, traceContext } = exchange;
    const { consumer } = caller.grants;
    const transport = own && traceContext?.traceparent !== own.traceparent ? traceContext : undefined;
    return recorder.request({ method, id, consumer, requestId, parent, transport }, (trace) =>
      service.handle(request, { ...exchange, trace }),
    );
  };
  return { ...service, handle };
}
