import type { Caller } from "../caller.ts";
import { CODE, RpcError } from "../protocol/messages.ts";
import type { ClientSession } from "../sessions/client.ts";
import type { Changes } from "./changes.ts";

/** Most resources that the gateway watches for one session. */
const MAX_SUBSCRIPTIONS = 1000;

/** Watches a resource for a session, at a server that keeps none for it. */
export function subscribe(
  changes: Changes<Caller>,
  caller: Caller,
  session: ClientSession,
  uri: string,
): void {
  if (session.subscriptions.has(uri) || session.ended.aborted) return;
  if (session.subscriptions.size >= MAX_SUBSCRIPTIONS) {
    throw new RpcError(CODE.invalidParams, `More than ${MAX_SUBSCRIPTIONS} resources are subscribed to`);
  }
  const stop = changes.watch(caller, { resourceSubscriptions: [uri] }, (news) => session.notify(news));
  session.subscriptions.set(uri, stop);
}

/** Ends that. */
export function unsubscribe(session: ClientSession, uri: string): void {
  session.subscriptions.get(uri)?.();
  session.subscriptions.delete(uri);
}
