import { setTimeout } from "node:timers/promises";
import type { Negotiated } from "../protocol/endpoint.ts";
import { isObject, type JsonObject, type RpcNotification } from "../protocol/messages.ts";
import { type ChangeFilter, LIST_CHANGES } from "./changes.ts";
import { Wishes } from "./wishes.ts";

/** A server that tells of changes. */
export interface Watchable {
  describe(options?: { signal?: AbortSignal }): Promise<Negotiated>;
  request(method: string, params: JsonObject): Promise<JsonObject>;
  /** Hears of changes until the server, or the signal, ends that. Rejects when there is nothing to be heard. */
  listen(
    filter: ChangeFilter,
    tell: (notification: RpcNotification) => void,
    signal: AbortSignal,
  ): Promise<void>;
}

/** Wait before a server is listened to again, in milliseconds; doubled as long as that does not last. */
const BACKOFF_MS = { first: 500, longest: 60_000 };

/** Says, on a stream of the newer era, that it is open. */
const ACKNOWLEDGED = "notifications/subscriptions/acknowledged";

/** Listens to one server for as long as somebody wishes to hear of something. */
export class UpstreamWatch {
  readonly #upstream: Watchable;
  readonly #tell: (notification: RpcNotification) => void;
  readonly #wishes = new Wishes();
  readonly #subscribed = new Set<string>();
  #listening: AbortController | undefined;
  #era: Negotiated["era"] | undefined;

  constructor(upstream: Watchable, tell: (notification: RpcNotification) => void) {
    this.#upstream = upstream;
    this.#tell = tell;
  }

  /** Counts a wish in. */
  add(filter: ChangeFilter): void {
    if (this.#wishes.add(filter)) this.#changed();
  }

  /** Counts it out. */
  remove(filter: ChangeFilter): void {
    if (this.#wishes.remove(filter)) this.#changed();
  }

  /** Ends it, whatever is wished for. */
  close(): void {
    this.#listening?.abort();
  }

  #changed(): void {
    const filter = this.#wishes.filter;
    const old = this.#listening;
    if (old && this.#era === "legacy" && filter) return void this.#subscribe(filter).catch(() => {});
    this.#listening = filter && new AbortController();
    if (this.#listening) void this.#listen(this.#listening.signal, () => old?.abort());
    else old?.abort();
    if (!filter && this.#era === "legacy") void this.#subscribe({}).catch(() => {});
  }

  /** @param opened called when the new stream is open, so that none is missed between the old one and this. */
  async #listen(signal: AbortSignal, opened: () => void): Promise<void> {
    let waitMs = BACKOFF_MS.first;
    while (!signal.aborted) {
      const since = performance.now();
      await this.#once(signal, opened).catch(() => {});
      opened(); // Without an acknowledgement either: the old stream is of no more use than this one.
      waitMs =
        performance.now() - since > waitMs ? BACKOFF_MS.first : Math.min(2 * waitMs, BACKOFF_MS.longest);
      await setTimeout(waitMs, undefined, { signal, ref: false }).catch(() => {});
    }
  }

  async #once(signal: AbortSignal, opened: () => void): Promise<void> {
    const { era, capabilities } = await this.#upstream.describe({ signal });
    this.#era = era;
    const filter = told(this.#wishes.filter ?? {}, capabilities);
    if (Object.keys(filter).length === 0) return;
    if (era === "legacy") {
      opened(); // A session has one stream, so the old one must go first.
      this.#subscribed.clear(); // The server may have lost them with the session.
      await this.#subscribe(filter);
    }
    const tell = (notification: RpcNotification) => {
      if (notification.method === ACKNOWLEDGED) opened();
      else this.#tell(notification);
    };
    await this.#upstream.listen(filter, tell, signal);
  }

  /** In the older era single resources are subscribed to by a request each. */
  async #subscribe({ resourceSubscriptions = [] }: ChangeFilter): Promise<void> {
    const wanted = new Set(resourceSubscriptions);
    for (const uri of wanted) {
      if (this.#subscribed.has(uri)) continue;
      this.#subscribed.add(uri);
      await this.#upstream.request("resources/subscribe", { uri });
    }
    for (const uri of this.#subscribed) {
      if (wanted.has(uri)) continue;
      this.#subscribed.delete(uri);
      await this.#upstream.request("resources/unsubscribe", { uri });
    }
  }
}

/** Of a wish, what a server with these capabilities tells of. */
function told(wanted: ChangeFilter, capabilities: JsonObject): ChangeFilter {
  const has = (kind: string, what: string) =>
    isObject(capabilities[kind]) && capabilities[kind][what] === true;
  const lists = Object.values(LIST_CHANGES).filter(
    ({ wish, kind }) => wanted[wish] && has(kind, "listChanged"),
  );
  const uris = has("resources", "subscribe") ? wanted.resourceSubscriptions : undefined;
  return {
    ...Object.fromEntries(lists.map(({ wish }) => [wish, true])),
    ...(uris && { resourceSubscriptions: uris }),
  };
}
