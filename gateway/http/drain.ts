import type { Server, ServerResponse } from "node:http";
import { Server as NetServer } from "node:net";
import { setImmediate, setTimeout } from "node:timers/promises";

/** How long a kept connection must have been silent before it is closed at the end, in milliseconds. */
const QUIET_MS = 500;

const MAX_LISTENERS = 30;

/** The requests of an HTTP server, so that it can be ended without losing one. */
export interface Drain {
  /** Whether the server is ending. */
  readonly draining: boolean;
  /** Notes a request; it is under way until its response is closed. */
  begin(response: ServerResponse): void;
  /** Does not wait for this one: it stays open for good. */
  excuse(response: ServerResponse): void;
  /**
   * Takes no new connection, answers every request that comes on those there are, at most `withinMs` milliseconds, and
   * closes them.
   *
   * @param endStreams ends what is open for good.
   */
  end(withinMs: number, endStreams: () => Promise<void>): Promise<void>;
}

/**
 * A client may be sending its next request on a kept connection in the moment that the connection is closed; it then
 * can't know whether the request was seen. So every answer from now on says that it is the last on its connection, and
 * only what has been silent for a while is closed. (`server.close()` alone closes silent connections at once.)
 */
export function drainOf(server: Server): Drain {
  const underWay = new Set<ServerResponse>();
  let draining = false;
  let lastAnswer = 0;

  const waitUntilQuiet = async (deadline: number, isClosed: () => boolean) => {
    while (!isClosed() && performance.now() < deadline) {
      if (underWay.size > 0 || performance.now() - lastAnswer < QUIET_MS) {
        await setTimeout(20);
        continue;
      }
      // One turn of the event loop: what has arrived and is not read yet is a request as well.
      await setImmediate();
      if (underWay.size === 0) return;
    }
  };

  return {
    get draining() {
      return draining;
    },
    begin(response) {
      // Many have to know when a response is over, and a stream has listeners of its own: more than Node's ten.
      response.setMaxListeners(MAX_LISTENERS);
      underWay.add(response);
      if (draining) sayLast(response);
      response.once("close", () => {
        underWay.delete(response);
        lastAnswer = performance.now();
      });
    },
    excuse: (response) => void underWay.delete(response),
    async end(withinMs, endStreams) {
      await setImmediate(); // connections that wait to be accepted
      draining = true;
      lastAnswer = performance.now();
      let isClosed = false;
      const closed = new Promise<void>((resolve) => {
        NetServer.prototype.close.call(server, () => resolve());
      }).then(() => {
        isClosed = true;
      });
      for (const response of underWay) sayLast(response);
      await waitUntilQuiet(performance.now() + withinMs, () => isClosed);
      server.closeIdleConnections();
      await endStreams();
      server.closeIdleConnections();
      void setTimeout(200, undefined, { ref: false }).then(() => server.closeAllConnections());
      await closed;
    },
  };
}

function sayLast(response: ServerResponse): void {
  if (!response.headersSent) response.setHeader("connection", "close");
}
