import { LRUCache } from "lru-cache";
import type { Caller } from "../caller.ts";
import type { GatewayConfig } from "../config.ts";
import type { Negotiated } from "../protocol/endpoint.ts";
import { type JsonObject, MODERN_VERSION } from "../protocol/messages.ts";
import { Upstream, UpstreamError, type UpstreamOptions } from "../upstream.ts";
import type { Credential } from "./credential.ts";

/** One of those that a server tells apart. */
export interface Identity {
  /** What it is told from others by. */
  key: string;
  /** Its proof. */
  credential(): Credential;
}

/** How many identities have connections at a time, and how long after their last request at least, in milliseconds. */
const KEPT = { identities: 1000, idleMs: 15 * 60_000 };

/** What is known of a server that tells nothing to those without a token: it stands there. */
const STANDS: Negotiated = { era: "modern", version: MODERN_VERSION, capabilities: {}, serverInfo: {} };

interface Connection {
  upstream: Upstream;
  underWay: number;
  dropped: boolean;
}

/**
 * A server to which every caller goes as somebody else: each identity has connections and, with older servers, a session
 * of its own, since whoever shares a session shares what the server takes it for.
 *
 * What the gateway asks for itself has no caller and carries no token. That a server then wants one (401) is an answer
 * as good as any: it is up.
 */
export class IdentityUpstream extends Upstream {
  readonly #identify: (caller: Caller) => Identity;
  readonly #open: (credential: Credential) => Upstream;
  readonly #connections: LRUCache<string, Connection>;
  #patient: (() => boolean) | undefined;

  /** @param identify throws CredentialError when the caller can't be told from others. */
  constructor(
    server: GatewayConfig["servers"][number],
    env: NodeJS.ProcessEnv,
    identify: (caller: Caller) => Identity,
  ) {
    super(server, env);
    this.#identify = identify;
    this.#open = (credential) => new Upstream(server, env, credential);
    this.#connections = new LRUCache({
      max: KEPT.identities,
      ttl: KEPT.idleMs,
      updateAgeOnGet: true,
      ttlAutopurge: true,
      dispose: (connection) => {
        connection.dropped = true;
        closeWhenIdle(connection);
      },
    });
  }

  override async describe(options: UpstreamOptions = {}): Promise<Negotiated> {
    if (options.caller) return this.#as(options.caller, (upstream) => upstream.describe(options));
    return super.describe(options).catch(unlessItWantsAToken(STANDS));
  }

  override async request(method: string, params: JsonObject, options: UpstreamOptions = {}) {
    if (options.caller) {
      return this.#as(options.caller, (upstream) => upstream.request(method, params, options));
    }
    return super.request(method, params, options).catch(unlessItWantsAToken<JsonObject>({}));
  }

  override waitIf(patient: () => boolean): void {
    super.waitIf(patient);
    this.#patient = patient;
  }

  override async close(): Promise<void> {
    const open = [...this.#connections.values()].map(({ upstream }) => upstream);
    this.#connections.clear();
    await Promise.all([super.close(), ...open.map((upstream) => upstream.close())]);
  }

  async #as<T>(caller: Caller, work: (upstream: Upstream) => Promise<T>): Promise<T> {
    const identity = this.#identify(caller);
    const connection = this.#connections.get(identity.key) ?? this.#connect(identity);
    connection.underWay++;
    try {
      return await work(connection.upstream);
    } finally {
      connection.underWay--;
      closeWhenIdle(connection);
    }
  }

  #connect({ key, credential }: Identity): Connection {
    const upstream = this.#open(credential());
    if (this.#patient) upstream.waitIf(this.#patient);
    const connection = { upstream, underWay: 0, dropped: false };
    this.#connections.set(key, connection);
    return connection;
  }
}

/** What is under way on a connection that is not kept any more is finished first. */
function closeWhenIdle({ upstream, underWay, dropped }: Connection): void {
  if (dropped && underWay === 0) void upstream.close().catch(() => {});
}

function unlessItWantsAToken<T>(answer: T) {
  return (error: unknown): T => {
    if (error instanceof UpstreamError && error.http?.status === 401) return answer;
    throw error;
  };
}
