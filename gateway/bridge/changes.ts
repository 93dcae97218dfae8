import { withoutSubscription } from "../protocol/codec.ts";
import type { JsonObject, RpcNotification } from "../protocol/messages.ts";
import { type ChangeFilter, type Changes, isWanted } from "../subscriptions/changes.ts";
import { UpstreamWatch } from "../subscriptions/upstream-watch.ts";
import type { Started } from "./service.ts";

/** Longest time for a request of the bridge's own, in milliseconds. */
const REQUEST_MS = 10_000;

type Tell = (notification: RpcNotification) => void;

/** What changes in the one server behind a bridge. Everyone may hear of everything. */
export class BridgeChanges implements Changes<null> {
  readonly #watchers = new Map<Tell, ChangeFilter>();
  readonly #watch: UpstreamWatch;

  constructor(started: Promise<Started>) {
    const request = async (method: string, params: JsonObject, signal: AbortSignal) =>
      (await started).child.request(method, params, { signal });
    this.#watch = new UpstreamWatch(
      {
        describe: async () => (await started).negotiated,
        request: (method, params) => request(method, params, AbortSignal.timeout(REQUEST_MS)),
        // On standard output there is one stream for everything: its notifications come by `tell`.
        async listen(filter, _tell, signal) {
          const { era } = (await started).negotiated;
          if (era === "modern") await request("subscriptions/listen", { notifications: filter }, signal);
          else await new Promise((done) => signal.addEventListener("abort", done, { once: true }));
        },
      },
      () => {},
    );
  }

  /** Tells of what the server tells of. */
  readonly tell: Tell = (notification) => {
    const told = withoutSubscription(notification);
    for (const [tell, wanted] of this.#watchers) if (isWanted(wanted, told)) tell(told);
  };

  granted(_caller: null, wanted: ChangeFilter): ChangeFilter {
    return wanted;
  }

  watch(_caller: null, wanted: ChangeFilter, tell: Tell): () => void {
    const own: Tell = (notification) => tell(notification);
    this.#watchers.set(own, wanted);
    this.#watch.add(wanted);
    return () => {
      if (this.#watchers.delete(own)) this.#watch.remove(wanted);
    };
  }

  /** Listens no more. */
  close(): void {
    this.#watch.close();
  }
}
