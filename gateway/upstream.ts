import type { Backend } from "./backends/backend.ts";
import type { Caller } from "./caller.ts";
import type { GatewayConfig } from "./config.ts";
import { Connections, isRefusal } from "./connections.ts";
import { type Credential, withCredential } from "./credentials/credential.ts";
import { CredentialError } from "./credentials/credential-error.ts";
import { explainFailure } from "./probe.ts";
import { McpEndpoint, type Negotiated } from "./protocol/endpoint.ts";
import { HttpFailure } from "./protocol/http-failure.ts";
import { CODE, isObject, type JsonObject, RpcError, type RpcNotification } from "./protocol/messages.ts";
import { type Client, type ClientSession, KEEPS_SESSIONS } from "./sessions/client.ts";
import type { ChangeFilter } from "./subscriptions/changes.ts";
import { withContext } from "./tracing/context.ts";
import type { Trace } from "./tracing/trace.ts";
import { Deadline } from "./upstreams/deadline.ts";
import { Link } from "./upstreams/link.ts";
import { SessionLink } from "./upstreams/session-link.ts";

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
  /** How much was read for the same purpose: one bound holds for all together. */
  read?: { bytes: number };
  /** The client, where it has more part in the request than to wait for its answer. */
  client?: Client;
  /** Who asks; absent for what the gateway asks for itself. */
  caller?: Caller;
  /** The trace that it is a part of. */
  trace?: Trace;
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
  readonly #shared = new Link(() => this.#handshake((deadline) => this.#endpoint.negotiate(deadline)));
  /** Sessions for clients that can be asked something; everyone else shares the one that declares nothing. */
  readonly #own = new Map<ClientSession, SessionLink>();

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
    const session = options.client?.session;
    return this.#within(options, async ({ signal }) => {
      const link = session ? await this.#linkFor(session, signal) : this.#shared;
      return link.ready(signal);
    });
  }

  /**
   * One request and its raw result.
   *
   * @throws RpcError the server's own error; UpstreamError when it gave none.
   */
  request(method: string, params: JsonObject, options: UpstreamOptions = {}): Promise<JsonObject> {
    if (options.trace) {
      const { trace, ...untraced } = options;
      const target = typeof params.name === "string" ? params.name : undefined;
      return trace.attempt({ server: this.name, method, target }, (context) => {
        const headers = { ...options.headers, ...context };
        return this.request(method, withContext(params, context), { ...untraced, headers });
      });
    }
    return this.#within(options, async (deadline, progress) => {
      const { signal } = deadline;
      const { onNotification, headers, read } = options;
      const client = options.client && patient(options.client, deadline);
      const link = client?.session ? await this.#linkFor(client.session, signal) : this.#shared;
      const own = link instanceof SessionLink ? link : undefined;
      own?.admit(method);
      let refused: { to: Negotiated; error: unknown } | undefined;
      for (let attempt = 1; ; attempt++) {
        const to = await link.ready(signal);
        // Nothing was stale, so it was this request that the server did not like; perhaps not before it did something.
        if (refused && isSame(to, refused.to)) throw refused.error;
        progress.sent = true;
        try {
          const sent = { signal, onNotification, client, headers, read };
          const result = await this.#endpoint.request(to, method, params, sent);
          own?.note(method, params);
          return result;
        } catch (error) {
          const stale = isStale(error);
          if (stale || !(isAnswer(error) || signal.aborted)) this.#forget(link, to);
          // A stale request was refused before it was looked at, so another try can't do anything twice. While one
          // pod takes another's place, a session may be with the one and a connection with the other.
          if (!stale || attempt === (isSessionGone(error, to) ? 3 : 2)) throw error;
          refused = { to, error };
        }
      }
    });
  }

  /**
   * Hears of changes, as far as the server tells of them, until it or the signal ends that.
   *
   * @throws UpstreamError when it can't be reached, or tells of nothing that is wished for.
   */
  async listen(filter: ChangeFilter, tell: (notification: RpcNotification) => void, signal: AbortSignal) {
    const to = await this.describe({ signal });
    try {
      await this.#endpoint.listen(to, { signal, filter, onNotification: tell });
    } catch (error) {
      if (signal.aborted) return;
      throw error instanceof UpstreamError ? error : this.#unavailable(error);
    }
  }

  /** Ends the sessions and the connections. */
  async close(): Promise<void> {
    const links = [this.#shared, ...this.#own.values()];
    await Promise.all(
      links.map(async ({ known }) => {
        if (known) await this.#endpoint.end(known, AbortSignal.timeout(1000)).catch(() => {});
      }),
    );
    await this.#connections.close();
  }

  /** A server of the newer era, and one without sessions, has no use for a session of the client's own. */
  async #linkFor(session: ClientSession, signal: AbortSignal): Promise<Link> {
    const own = this.#own.get(session);
    if (own) return own;
    // The session may end meanwhile: then nothing would ever end what is made for it.
    if (!keepsSessions(await this.#shared.ready(signal)) || session.ended.aborted) return this.#shared;
    const made =
      this.#own.get(session) ?? new SessionLink(this.#endpoint, session, (open) => this.#handshake(open));
    this.#own.set(session, made);
    session.ended.addEventListener("abort", () => this.#own.delete(session), { once: true });
    return made;
  }

  /** Whether it is waited for while it refuses connections; not where another server can serve. */
  waitIf(patient: () => boolean): void {
    this.#connections.patient = patient;
  }

  async #within<T>(
    options: UpstreamOptions,
    work: (deadline: Deadline, progress: { sent: boolean }) => Promise<T>,
  ): Promise<T> {
    const timeoutMs = options.timeoutMs ?? this.#timeoutMs;
    const progress = { sent: false };
    const deadline = new Deadline(timeoutMs, options.signal);
    try {
      return await work(deadline, progress);
    } catch (error) {
      if (deadline.expired) {
        const message = `Server "${this.name}" did not answer within ${timeoutMs} ms`;
        throw new UpstreamError("timeout", message, progress);
      }
      if (deadline.signal.aborted) throw new UpstreamError("cancelled", "Cancelled by the caller", progress);
      if (error instanceof RpcError || error instanceof UpstreamError) throw error;
      throw this.#unavailable(error, progress.sent && !isRefusal(error));
    } finally {
      deadline.close();
    }
  }

  async #handshake(negotiate: (deadline: AbortSignal) => Promise<Negotiated>): Promise<Negotiated> {
    const deadline = AbortSignal.timeout(Math.min(this.#timeoutMs, HANDSHAKE_MS));
    try {
      return await negotiate(deadline);
    } catch (error) {
      if (deadline.aborted) {
        const message = `Server "${this.name}" did not answer the handshake`;
        throw new UpstreamError("timeout", message, { sent: false });
      }
      if (error instanceof UpstreamError || error instanceof CredentialError) throw error;
      throw this.#unavailable(error);
    }
  }

  #unavailable(error: unknown, sent = false): UpstreamError {
    const http = error instanceof HttpFailure ? error : undefined;
    const message = `Server "${this.name}" is unavailable: ${explainFailure(error)}`;
    return new UpstreamError("unavailable", message, { sent, http });
  }

  /** The next negotiation is made on new connections, since the old ones may be with a pod that is about to end. */
  #forget(link: Link, known: Negotiated): void {
    if (link.forget(known)) this.#connections.renew();
  }
}

function keepsSessions({ session, capabilities }: Negotiated): boolean {
  const { experimental } = capabilities;
  return session !== undefined || (isObject(experimental) && KEEPS_SESSIONS in experimental);
}

/** The time that a server has stands still while the client is asked. */
function patient(client: Client, deadline: Deadline): Client {
  const { ask } = client;
  if (!ask) return client;
  return { ...client, ask: (question, signal) => deadline.hold(() => ask(question, signal)) };
}

/** Whether an error says nothing against what was negotiated: the server gave it, or was not asked for want of a token. */
function isAnswer(error: unknown): boolean {
  return error instanceof RpcError || error instanceof UpstreamError;
}

/** Whether a server speaks as it did before; one that keeps sessions has a new one by now. */
function isSame(now: Negotiated, before: Negotiated): boolean {
  return now.session === before.session && now.era === before.era && now.version === before.version;
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
