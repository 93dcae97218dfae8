import { type Grants, unqualified } from "./access.ts";
import { type AuditRecord, audit, auditLogger, type Outcome } from "./audit.ts";
import type { Backend } from "./backends/backend.ts";
import type { Caller } from "./caller.ts";
import { allItems, isListMethod, LISTS, type ListMethod, visibleItems } from "./catalogue.ts";
import { AuthorizationNeeded } from "./credentials/authorization-needed.ts";
import { withConsent } from "./credentials/consent.ts";
import { CredentialError } from "./credentials/credential-error.ts";
import type { Health } from "./health.ts";
import type { Exchange } from "./http/service.ts";
import type { Logger } from "./logging.ts";
import { OTHER, ToolNames } from "./metrics/tool-names.ts";
import type { Metrics } from "./metrics.ts";
import type { Pins } from "./pinning/pins.ts";
import { UNPINNED_TOO } from "./pinning/unpinned-too.ts";
import { CODE, isObject, type JsonObject, metaOf, RpcError, type RpcRequest } from "./protocol/messages.ts";
import { type Route, route, SUBSCRIPTIONS } from "./route.ts";
import { forwardable } from "./sessions/forwardable.ts";
import { inRounds } from "./sessions/rounds.ts";
import type { Activity } from "./status/activity.ts";
import type { Changes } from "./subscriptions/changes.ts";
import { subscribe, unsubscribe } from "./subscriptions/session-subscriptions.ts";
import { UNAVAILABLE } from "./unavailable.ts";
import { UpstreamError, type UpstreamOptions } from "./upstream.ts";

/** What the router works with. */
export interface RouterParts {
  backends: ReadonlyMap<string, Backend>;
  changes: Changes<Caller>;
  pins: Pins;
  /** The servers that want each person's own authorization. */
  asksPeople: ReadonlySet<string>;
  health: Health;
  metrics: Metrics;
  activity: Activity;
  logger: Logger;
}

/** Longest time that a list waits for one server, and for one that is known to be down, in milliseconds. */
const LIST_MS = { up: 5000, down: 1000 };

/** The one text for whatever is not granted: it does not say whether the thing exists. */
export const NOT_GRANTED = "Not granted: this consumer has no such tool, prompt or resource";

/** What a caller hears of a tool that has changed since it was agreed on. */
const UNPINNED = "This tool is not what was agreed on: its definition differs from the pinned catalogue";

const AUDITED = new Set(["tools/call", "prompts/get", "resources/read", ...SUBSCRIPTIONS]);

/** Sends each request to the server it is for, if the caller's grants allow it, and writes down what became of it. */
export class Router {
  readonly #parts: RouterParts;
  readonly #auditLogger: Logger;
  readonly #names = new ToolNames();

  constructor(parts: RouterParts) {
    this.#parts = parts;
    this.#auditLogger = auditLogger(parts.logger);
  }

  /**
   * Whether a request asks for something that is not granted. A denial is counted and audited here.
   */
  denies(grants: Grants, request: RpcRequest, requestId: string): boolean {
    if (!AUDITED.has(request.method) || route(grants, request)) return false;
    const params = isObject(request.params) ? request.params : {};
    // Of a resource that is not granted not even the URI is written down: it may hold anything.
    const name = request.method.startsWith("resources/") ? undefined : params.name;
    const wanted = typeof name === "string" ? name : "(none)";
    const named = unqualified(wanted);
    const server = named && this.#parts.backends.has(named.server) ? named.server : undefined;
    const target = (server && named?.name) ?? wanted;
    this.record({
      consumer: grants.consumer,
      method: request.method,
      server,
      target,
      outcome: "denied",
      durationMs: 0,
      requestId,
    });
    return true;
  }

  /** One request, raw in and raw out. Throws RpcError, never with another system's payload that is no RPC error. */
  async handle(request: RpcRequest, exchange: Exchange<Caller>): Promise<JsonObject> {
    const { method } = request;
    if (isListMethod(method)) return this.#list(method, request.params, exchange);
    if (method === "ping") return {};
    if (!AUDITED.has(method) && method !== "completion/complete") {
      throw new RpcError(CODE.methodNotFound, "Method not found");
    }
    const found = route(exchange.caller.grants, request);
    if (!found) {
      // Single requests were judged before; this is for batches and completions.
      this.denies(exchange.caller.grants, request, exchange.requestId);
      throw new RpcError(CODE.invalidParams, NOT_GRANTED);
    }
    if (SUBSCRIPTIONS.has(method)) return this.#subscribe(method, found, exchange);
    return this.#forward(method, found, exchange);
  }

  /** A server with a session for the client keeps its subscriptions in that; for others the gateway does. */
  async #subscribe(method: string, found: Route, exchange: Exchange<Caller>): Promise<JsonObject> {
    const { caller, client, signal, trace } = exchange;
    if (!client?.session) throw new RpcError(CODE.methodNotFound, "Method not found");
    const uri = String(found.params.uri);
    const { era, capabilities, session } = await this.#described(found.server, {
      caller,
      client,
      signal,
      trace,
    });
    if (!isObject(capabilities.resources) || capabilities.resources.subscribe !== true) {
      throw new RpcError(CODE.methodNotFound, `Server "${found.server}" does not tell of changed resources`);
    }
    if (era === "legacy" && session !== undefined) return this.#forward(method, found, exchange);
    if (method === "resources/subscribe") subscribe(this.#parts.changes, caller, client.session, uri);
    else unsubscribe(client.session, uri);
    return {};
  }

  async #described(server: string, options: UpstreamOptions) {
    try {
      const backend = this.#parts.backends.get(server);
      if (backend) return await backend.describe(options);
    } catch (error) {
      throw error instanceof RpcError ? error : asRpcError(error);
    }
    throw new RpcError(CODE.internal, "Internal error");
  }

  async #forward(
    method: string,
    { server, target, params }: Route,
    exchange: Exchange<Caller>,
  ): Promise<JsonObject> {
    const backend = this.#parts.backends.get(server);
    if (!backend) throw new RpcError(CODE.internal, "Internal error");
    const started = performance.now();
    let outcome: Outcome = "ok";
    try {
      const { signal, notify, client, parameterHeaders } = exchange;
      const sent = notify ? params : withoutProgressToken(params);
      const options = {
        signal,
        client,
        caller: exchange.caller,
        onNotification: notify && forwardable(notify, params, client),
        headers: parameterHeaders,
        trace: exchange.trace,
      };
      const attempt = async (params: JsonObject) => {
        if (
          method === "tools/call" &&
          !(await this.#parts.pins.holds(exchange.caller, backend, target, signal))
        ) {
          outcome = "unpinned";
          throw new RpcError(CODE.invalidParams, UNPINNED);
        }
        return backend.request(method, params, options);
      };
      const modern = exchange.era === "modern";
      const send = this.#parts.asksPeople.has(server)
        ? (params: JsonObject) => withConsent({ method, params, client, modern, signal }, attempt)
        : attempt;
      const result = client?.ask ? await inRounds(sent, client.ask, signal, send) : await send(sent);
      if (result.isError === true) outcome = "tool_error";
      return result;
    } catch (error) {
      if (error instanceof RpcError) {
        if (outcome === "ok") outcome = error instanceof CredentialError ? "unauthorized" : "protocol_error";
        throw error;
      }
      outcome = error instanceof UpstreamError ? error.kind : "unavailable";
      throw asRpcError(error);
    } finally {
      const { caller, requestId, trace } = exchange;
      trace?.served({ server, target, outcome });
      if (AUDITED.has(method)) {
        const durationMs = performance.now() - started;
        const { grants } = caller;
        this.record({
          consumer: method === "tools/call" ? grants.callerOf(server, target) : grants.consumer,
          method,
          server,
          target,
          outcome,
          durationMs,
          requestId,
          traceId: trace?.id,
        });
      }
    }
  }

  /** One list over all servers that have something for the caller. A server that fails only leaves its own part out. */
  async #list(
    method: ListMethod,
    params: RpcRequest["params"],
    { caller, client, signal, trace }: Exchange<Caller>,
  ): Promise<JsonObject> {
    const { field, kind } = LISTS[method];
    const unpinnedToo = metaOf(params)?.[UNPINNED_TOO] === true;
    const unavailable: { server: string; reason: string; url?: string }[] = [];
    const parts = await Promise.all(
      caller.grants.servers(kind).map(async (server) => {
        const backend = this.#parts.backends.get(server);
        if (!backend) return [];
        const timeoutMs = this.#parts.health.anyUp(server) ? LIST_MS.up : LIST_MS.down;
        try {
          const { capabilities } = await backend.describe({ signal, timeoutMs, caller, client, trace });
          if (!capabilities[kind]) return [];
          const items = await allItems(backend, method, { signal, timeoutMs, caller, client, trace });
          // Always asked, since it learns of changes by this.
          const pinned = this.#parts.pins.pinned(caller, server, method, items);
          return visibleItems(method, server, unpinnedToo ? items : pinned, caller.grants);
        } catch (error) {
          // Templates are an optional part of resources; many servers have none and say so with this error.
          if (error instanceof RpcError && error.code === CODE.methodNotFound) return [];
          if (!(error instanceof UpstreamError && error.kind === "cancelled")) {
            const reason = reasonOf(error);
            const level = error instanceof CredentialError ? "info" : "warn";
            this.#parts.logger[level]({ server, method, reason }, "list without this server");
            unavailable.push({
              server,
              reason,
              ...(error instanceof AuthorizationNeeded && { url: error.url }),
            });
          }
          return [];
        }
      }),
    );
    return {
      [field]: parts.flat(),
      ...(unavailable.length > 0 && { _meta: { [UNAVAILABLE]: unavailable } }),
    };
  }

  /** Writes down what became of a request, also of one that was refused before it got here. */
  record(record: AuditRecord): void {
    audit(this.#auditLogger, record);
    if (record.outcome === "denied") this.#parts.metrics.authFailure("not_granted");
    if (record.method !== "tools/call") return;
    const { server, target, consumer, outcome, durationMs, requestId } = record;
    const isListed =
      server !== undefined && outcome !== "denied" && this.#parts.health.knowsTool(server, target);
    const labels = { server: server ?? OTHER, tool: this.#names.of(server ?? OTHER, target, isListed) };
    this.#parts.metrics.toolCall({ ...labels, consumer, outcome, seconds: durationMs / 1000 });
    this.#parts.activity.note({ ...labels, consumer, outcome, durationMs, requestId });
    if (outcome === "limited") this.#parts.metrics.limited(consumer, labels.server, labels.tool);
  }
}

/** Nobody would get the progress that the token asks for. */
function withoutProgressToken(params: JsonObject): JsonObject {
  if (!isObject(params._meta) || !("progressToken" in params._meta)) return params;
  const { progressToken: _token, ...meta } = params._meta;
  return { ...params, _meta: meta };
}

function asRpcError(error: unknown): RpcError {
  if (!(error instanceof UpstreamError)) return new RpcError(CODE.internal, "Internal error");
  const code = error.kind === "timeout" ? CODE.timeout : CODE.unavailable;
  return new RpcError(code, error.message, { outcome: error.kind, sent: error.sent });
}

function reasonOf(error: unknown): string {
  if (error instanceof UpstreamError) return error.message;
  if (error instanceof CredentialError) return error.reason;
  return error instanceof RpcError ? `answers with the JSON-RPC error ${error.code}` : "internal error";
}
