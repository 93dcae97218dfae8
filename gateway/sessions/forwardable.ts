import { isSevereEnough } from "../protocol/log-level.ts";
import { metaOf, type RpcNotification } from "../protocol/messages.ts";
import type { Client } from "./client.ts";

/**
 * Of what a server sends along with an answer, callers get the progress and the log messages that they asked for. With
 * another token progress would be taken for that of another call, perhaps to another server; what changes in lists and
 * resources is heard of by other ways.
 */
export function forwardable(
  notify: (notification: RpcNotification) => void,
  params: unknown,
  client: Client | undefined,
) {
  const token = metaOf(params)?.progressToken;
  return (notification: RpcNotification): void => {
    if (isFor(notification, token, client)) notify(notification);
  };
}

function isFor({ method, params }: RpcNotification, token: unknown, client: Client | undefined): boolean {
  switch (method) {
    case "notifications/progress":
      return token !== undefined && params?.progressToken === token;
    case "notifications/message": {
      const least = client?.logLevel ?? client?.session?.logLevel;
      // In a session that names no level it is the server's choice what to send; without one nobody asked.
      return least === undefined ? client?.session !== undefined : isSevereEnough(params?.level, least);
    }
    case "notifications/elicitation/complete":
      return client?.session !== undefined;
    default:
      return false;
  }
}
