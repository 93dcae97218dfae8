import { setTimeout } from "node:timers/promises";
import type { McpEndpoint, Negotiated } from "../protocol/endpoint.ts";
import { HttpFailure } from "../protocol/http-failure.ts";
import { CODE, type JsonObject, RpcError, type RpcNotification } from "../protocol/messages.ts";
import type { ClientSession, Question } from "../sessions/client.ts";
import { Link } from "./link.ts";

/** Most resources that one client may subscribe to at one server. */
const MAX_SUBSCRIPTIONS = 1000;

/** Wait before the server's stream is opened again, in milliseconds; doubled with every failure. */
const BACKOFF_MS = { first: 1000, longest: 60_000 };

/**
 * A server's session for one client's session: it declares what that client can be asked, and what the server says
 * in it is said to that client alone. It is opened when the client first needs it, opened again when the server has
 * lost it, and ends with the client's.
 */
export class SessionLink extends Link {
  readonly #endpoint: McpEndpoint;
  readonly #session: ClientSession;
  readonly #uris = new Set<string>();

  /** @param handshake gives the handshake its deadline and its errors. */
  constructor(
    endpoint: McpEndpoint,
    session: ClientSession,
    handshake: (negotiate: (deadline: AbortSignal) => Promise<Negotiated>) => Promise<Negotiated>,
  ) {
    super(() => handshake((deadline) => this.#open(deadline)));
    this.#endpoint = endpoint;
    this.#session = session;
    session.servers.add(this.#relay);
    session.ended.addEventListener("abort", () => void this.#close(), { once: true });
  }

  /** Throws RpcError when a request is for one subscription too many. */
  admit(method: string): void {
    if (method !== "resources/subscribe" || this.#uris.size < MAX_SUBSCRIPTIONS) return;
    throw new RpcError(CODE.invalidParams, `More than ${MAX_SUBSCRIPTIONS} resources are subscribed to`);
  }

  /** Remembers subscriptions, for when the session must be opened again. */
  note(method: string, { uri }: JsonObject): void {
    if (method === "resources/subscribe") this.#uris.add(String(uri));
    else if (method === "resources/unsubscribe") this.#uris.delete(String(uri));
  }

  async #open(deadline: AbortSignal): Promise<Negotiated> {
    const to = await this.#endpoint.initialize(deadline, this.#session.capabilities);
    const level = this.#session.logLevel;
    if (level !== undefined && to.capabilities.logging) {
      await this.#endpoint.request(to, "logging/setLevel", { level }, { signal: deadline });
    }
    for (const uri of this.#uris) {
      await this.#endpoint.request(to, "resources/subscribe", { uri }, { signal: deadline });
    }
    void this.#listen(to);
    return to;
  }

  /** The server's own stream, for as long as this session of it is in use. A server that has none says so once. */
  async #listen(to: Negotiated): Promise<void> {
    const { ended, ask } = this.#session;
    const options = {
      signal: ended,
      filter: {},
      ask,
      onNotification: (notification: RpcNotification) => {
        // Progress belongs to a request, and comes with it; here its token would be ours, or anybody's.
        if (notification.method !== "notifications/progress") this.#session.notify(notification);
      },
    };
    for (let waitMs = BACKOFF_MS.first; !ended.aborted; waitMs = Math.min(2 * waitMs, BACKOFF_MS.longest)) {
      try {
        await this.#endpoint.listen(to, options);
        waitMs = BACKOFF_MS.first;
      } catch (error) {
        if (error instanceof HttpFailure && error.status >= 400 && error.status < 500) return;
      }
      await setTimeout(waitMs, undefined, { signal: ended, ref: false }).catch(() => {});
      if ((await this.current?.catch(() => undefined)) !== to) return;
    }
  }

  /** What the client says to all its servers. One that hears nothing of it now will be told when it is needed again. */
  readonly #relay = ({ method, params }: Question) => {
    void this.current
      ?.then((to) => {
        const signal = AbortSignal.timeout(BACKOFF_MS.first);
        if (method !== "logging/setLevel") return this.#endpoint.notify(to, method, params, signal);
        return (
          to.capabilities.logging && this.#endpoint.request(to, method, params as JsonObject, { signal })
        );
      })
      .catch(() => {});
  };

  async #close(): Promise<void> {
    this.#session.servers.delete(this.#relay);
    const to = await this.current?.catch(() => undefined);
    if (to) await this.#endpoint.end(to, AbortSignal.timeout(BACKOFF_MS.first));
  }
}
