import pRetry from "p-retry";
import { Pool } from "undici";
import type { HttpRequest, HttpResponse, HttpSender } from "./protocol/exchange.ts";

/** Where connections go to, and by what. */
export interface ConnectionsOptions {
  /** The streamable HTTP endpoint. */
  url: URL;
  /** Path of a Unix domain socket to reach it by, in place of the URL's host and port. */
  socket?: string;
}

/**
 * How long a connection may be used, in milliseconds. Behind a Kubernetes Service it stays with one pod, also when that
 * is about to end; this is less than the time a pod goes on serving after it was taken out of the Service (its preStop
 * sleep), so that no request reaches one that has ended.
 */
const LIFETIME_MS = 5000;

/** How long a server may refuse connections before that is taken for more than a change of pods, in milliseconds. */
const CHANGE_MS = 2000;

/**
 * The kept connections to one server.
 *
 * (The pool's own `clientTtl` would do for their age, but while one long call keeps an old connection busy, it asks it to
 * close again with every further request, and keeps a callback for each.)
 */
export class Connections {
  readonly #options: ConnectionsOptions;
  readonly #lifetimeMs: number;
  readonly #retired = new Set<Pool>();
  #pool: Pool;
  #born = 0;
  #closed = false;
  #refusedSince: number | undefined;
  /** Whether a server that refuses connections is waited for; not where another one can serve. */
  patient: () => boolean = () => true;

  constructor(options: ConnectionsOptions) {
    this.#options = options;
    // Beyond the cluster, where TLS is spoken, a new connection costs more and a load balancer sees to its own.
    const inCluster = options.url.protocol === "http:" && options.socket === undefined;
    this.#lifetimeMs = inCluster ? LIFETIME_MS : Number.POSITIVE_INFINITY;
    this.#pool = this.#open();
  }

  /** Sends by a kept connection. Nothing is ever sent twice: only what found no connection at all is tried again. */
  readonly send: HttpSender = async (request) => {
    try {
      return await this.#once(request);
    } catch (error) {
      if (!this.#mayBeAChange(error)) throw error;
      return await pRetry(() => this.#once(request), {
        retries: Number.POSITIVE_INFINITY,
        minTimeout: 50,
        maxTimeout: 400,
        randomize: true,
        signal: request.signal,
        shouldRetry: (context) => this.#mayBeAChange(context.error),
      });
    }
  };

  /** Uses new connections from now on; what is under way on the old ones goes on there. */
  renew(): void {
    if (this.#closed) return; // What was under way then has just failed, and its caller asks for new ones.
    const old = this.#pool;
    this.#pool = this.#open();
    this.#retired.add(old);
    const gone = () => this.#retired.delete(old);
    old.close().then(gone, gone);
  }

  /** Ends all connections, and what is under way with them. */
  async close(): Promise<void> {
    this.#closed = true;
    await Promise.all([this.#pool, ...this.#retired].map((pool) => pool.destroy()));
  }

  #open(): Pool {
    this.#born = performance.now();
    return new Pool(this.#options.url.origin, {
      socketPath: this.#options.socket,
      // As many connections as there are calls: in a queue, the slow calls of one caller would hold up all others,
      // and the health check with them. The listener's own limit bounds the number.
      connectTimeout: 5000,
      // The deadline of each request is its sender's signal; it also covers a stream that goes silent.
      headersTimeout: 0,
      bodyTimeout: 0,
    });
  }

  async #once({ method, headers, body, signal }: HttpRequest): Promise<HttpResponse> {
    if (performance.now() - this.#born > this.#lifetimeMs) this.renew();
    const { pathname, search } = this.#options.url;
    const response = await this.#pool.request({ path: pathname + search, method, headers, body, signal });
    this.#refusedSince = undefined;
    response.body.on("error", () => {}); // readers get it as well; this is for those who stopped reading
    return { status: response.statusCode, headers: response.headers, body: response.body };
  }

  /**
   * Whether a request failed as it does for a moment when the pod behind a Service is replaced. A server that is down
   * for longer is not waited for with every request.
   */
  #mayBeAChange(error: unknown): boolean {
    if (this.#options.socket !== undefined || !isRefusal(error) || !this.patient()) return false;
    const now = performance.now();
    this.#refusedSince ??= now;
    return now - this.#refusedSince < CHANGE_MS;
  }
}

/** There was no connection, so nothing was sent. */
export function isRefusal(error: unknown): boolean {
  if (error instanceof AggregateError) return error.errors.length > 0 && error.errors.every(isRefusal);
  const { code, syscall } = (error ?? {}) as NodeJS.ErrnoException;
  return syscall === "connect" && NO_CONNECTION.has(code ?? "");
}

/** `ENOENT`: no Unix socket stands there. */
const NO_CONNECTION = new Set(["ECONNREFUSED", "EHOSTUNREACH", "ENOENT"]);
