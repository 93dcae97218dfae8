import type { Backend } from "./backends/backend.ts";
import type { Caller } from "./caller.ts";
import type { GatewayConfig } from "./config.ts";
import { Connections, isRefusal } from "./connections.ts";
import { type Credential, withCredential } from "./credentials/credential.ts";
import { CredentialError } from "./credentials/credential-error.ts";
import { explainFailure } from "./probe.ts";
import { HttpFailure, McpEndpoint, type Negotiated } from "./protocol/endpoint.ts";
import { CODE, type JsonObject, RpcError, type RpcNotification } from "./protocol/messages.ts";
import type { Client } from "./sessions/client.ts";
import { withContext } from "./tracing/context.ts";
import type { Trace } from "./tracing/trace.ts";

/** Why a backend gave no result of its own. */
export class UpstreamError extends Error {
  override readonly name = "UpstreamError";
  readonly kind: "timeout" | "unavailable" | "cancelled" | "rejected";
  /** Whether the request may have reached the server: what was not sent may be sent again, whatever it does. */
  readonly sent: boolean;
  /** The HTTP answer that was no MCP, when there was one. */
  readonly http: HttpFailure | undefined;

  /** @param message for people: names the server and the reason, holds no secret. */
  constructor(
    kind: UpstreamError["kind"],
    message: string,
    { sent = true, http }: { sent?: boolean; http?: HttpFailure } = {},
  ) {
    super(message);
    this.kind = kind;
    this.sent = sent;
    this.http = http;
  }
}

/** Options of one request to a backend. */
export interface UpstreamOptions {
  /** Fires when the caller is gone; the backend is then told. */
  signal?: AbortSignal;
  /** Longest time, in milliseconds; absent: the server's `timeoutMs`. */
  timeoutMs?: number;
  /** Notifications that come with the request, such as progress. */
  onNotification?: (notification: RpcNotification) => void;
  /** Further request headers. */
  headers?: Record<string, string>;
  /** The client, where it has more part in the request than to wait for its answer. */
  client?: Client;
  /** Who asks; absent for what the gateway asks for itself. */
  caller?: Caller;
  /** The trace that it is a part of. */
  trace?: Trace;
  /** Whether it may be sent twice, where somebody knows better than the method and the annotations tell. */
  repeatable?: boolean;
}

/** Longest time for the handshake that all waiting requests share, in milliseconds. */
const HANDSHAKE_MS = 10_000;

/**
 * One backend. It is first spoken to when it is first needed; which era it speaks is found out then, and again
 * whenever it was restarted or has forgotten the session.
 */
export class Upstream implements Backend {
  readonly name: string;
  readonly #timeoutMs: number;
  readonly #connections: Connections;
  readonly #endpoint: McpEndpoint;
  #negotiated: Promise<Negotiated> | undefined;
  #known: Negotiated | undefined;

  /** @param credential what every request carries; absent for a server that fixed headers, or nothing, are enough for. */
  constructor(server: GatewayConfig["servers"][number], env: NodeJS.ProcessEnv, credential?: Credential) {
    this.name = server.name;
    this.#timeoutMs = server.timeoutMs;
    this.#connections = new Connections({ url: new URL(server.url), socket: server.socket });
    const headers: Record<string, string> = {};
    for (const [header, variable] of Object.entries(server.headersFromEnv)) {
      headers[header.toLowerCase()] = env[variable] ?? "";
    }
    const { send } = this.#connections;
    this.#endpoint = new McpEndpoint(credential ? withCredential(send, credential) : send, headers);
  }

  /** What the server said of itself; negotiates when that is not known. Throws UpstreamError. */
  describe(options: UpstreamOptions = {}): Promise<Negotiated> {
    return this.#within(options, (signal) => this.#ready(signal));
  }

  /**
   * One request and its raw result.
   *
   * @throws RpcError the server's own error; UpstreamError when it gave none.
   */
  request(method: string, params: JsonObject, options: UpstreamOptions = {}): Promise<JsonObject> {
    const { trace, ...untraced } = options;
    if (trace) {
      const target = typeof params.name === "string" ? params.name : undefined;
      return trace.attempt({ server: this.name, method, target }, (context) => {
        const headers = { ...options.headers, ...context };
        return this.request(method, withContext(params, context), { ...untraced, headers });
      });
    }
    return this.#within(options, async (signal, progress) => {
      const { onNotification, headers } = options;
      for (let attempt = 1; ; attempt++) {
        const to = await this.#ready(signal);
        progress.sent = true;
        try {
          return await this.#endpoint.request(to, method, params, { signal, onNotification, headers });
        } catch (error) {
          const stale = isStale(error);
          if (stale || (!(error instanceof RpcError) && !signal.aborted)) this.#forget(to);
          // A stale request was refused before it was looked at, so another try can't do anything twice. While one
          // pod takes another's place, a session may be with the one and a connection with the other.
          if (!stale || attempt === (isSessionGone(error, to) ? 3 : 2)) throw error;
        }
      }
    });
  }

  /** Ends the session and the connections. */
  async close(): Promise<void> {
    const negotiated = await this.#negotiated?.catch(() => undefined);
    if (negotiated) await this.#endpoint.end(negotiated, AbortSignal.timeout(1000)).catch(() => {});
    await this.#connections.close();
  }

  /** Whether it is waited for while it refuses connections; not where another server can serve. */
  waitIf(patient: () => boolean): void {
    this.#connections.patient = patient;
  }

  async #within<T>(
    options: UpstreamOptions,
    work: (signal: AbortSignal, progress: { sent: boolean }) => Promise<T>,
  ): Promise<T> {
    const timeoutMs = options.timeoutMs ?? this.#timeoutMs;
    const progress = { sent: false };
    const controller = new AbortController();
    let timedOut = false;
    const timer = setTimeout(() => {
      timedOut = true;
      controller.abort(new Error("timed out"));
    }, timeoutMs);
    const cancel = () => controller.abort(new Error("cancelled"));
    if (options.signal?.aborted) cancel();
    options.signal?.addEventListener("abort", cancel, { once: true });
    try {
      return await work(controller.signal, progress);
    } catch (error) {
      if (timedOut) {
        const message = `Server "${this.name}" did not answer within ${timeoutMs} ms`;
        throw new UpstreamError("timeout", message, progress);
      }
      if (controller.signal.aborted) {
        throw new UpstreamError("cancelled", "Cancelled by the caller", progress);
      }
      if (error instanceof RpcError || error instanceof UpstreamError) throw error;
      const sent = progress.sent && !isRefusal(error);
      const http = error instanceof HttpFailure ? error : undefined;
      const message = `Server "${this.name}" is unavailable: ${explainFailure(error)}`;
      throw new UpstreamError("unavailable", message, { sent, http });
    } finally {
      clearTimeout(timer);
      options.signal?.removeEventListener("abort", cancel);
    }
  }

  /** The negotiation is shared by all who wait for it, so it has a deadline of its own. */
  #ready(signal: AbortSignal): Promise<Negotiated> {
    if (!this.#negotiated) {
      const started = this.#negotiate();
      started.catch(() => {
        if (this.#negotiated === started) this.#negotiated = undefined;
      });
      this.#negotiated = started;
    }
    return raced(this.#negotiated, signal);
  }

  async #negotiate(): Promise<Negotiated> {
    const deadline = AbortSignal.timeout(Math.min(this.#timeoutMs, HANDSHAKE_MS));
    try {
      this.#known = await this.#endpoint.negotiate(deadline);
      return this.#known;
    } catch (error) {
      if (deadline.aborted) {
        const message = `Server "${this.name}" did not answer the handshake`;
        throw new UpstreamError("timeout", message, { sent: false });
      }
      if (error instanceof UpstreamError || error instanceof CredentialError) throw error;
      const http = error instanceof HttpFailure ? error : undefined;
      const message = `Server "${this.name}" is unavailable: ${explainFailure(error)}`;
      throw new UpstreamError("unavailable", message, { sent: false, http });
    }
  }

  /**
   * Negotiates anew next time, unless another request has done so already. On new connections, since the old ones may
   * be with a pod that is about to end.
   */
  #forget(known: Negotiated): void {
    if (this.#known !== known) return;
    this.#connections.renew();
    this.#known = undefined;
    this.#negotiated = undefined;
  }
}

/** Whether the server refused a request because it no longer knows what was negotiated. */
function isStale(error: unknown): boolean {
  if (error instanceof RpcError) return error.code === CODE.unsupportedVersion;
  if (!(error instanceof HttpFailure)) return false;
  // 404 is the specified answer for a session that is gone; servers without their old state also say 400.
  return error.status === 404 || error.status === 400;
}

/** The specified answer for a session that is gone. */
function isSessionGone(error: unknown, { session }: Negotiated): boolean {
  return session !== undefined && error instanceof HttpFailure && error.status === 404;
}

/** The promise, or the signal's end, whichever is first. */
function raced<T>(promise: Promise<T>, signal: AbortSignal): Promise<T> {
  return new Promise((resolve, reject) => {
    const onAbort = () => reject(signal.reason);
    if (signal.aborted) return onAbort();
    signal.addEventListener("abort", onAbort, { once: true });
    promise.then(resolve, reject).finally(() => signal.removeEventListener("abort", onAbort));
  });
}
