import type { Server } from "node:http";
import type { Server as NetServer } from "node:net";
import { listening } from "../http/listening.ts";

/**
 * Listens as the successor of the gateway that started this one: by the very socket of that one where it is to be the
 * same address, and otherwise by one of its own. What waits to be accepted then waits for both, so that no connection is
 * lost when the old one closes. (Two sockets on one port, as `SO_REUSEPORT` gives, each have a queue of their own, and
 * what is in it when its owner closes is reset.)
 *
 * @throws the listen error, or that the old gateway is gone.
 */
export async function listeningAsSuccessor(
  server: Server,
  address: { host: string; port: number },
): Promise<void> {
  if (!(await takesOver(server))) await listening(server, address);
}

/** Asks the parent process for its listening socket, and whether there is one. */
function takesOver(server: Server): Promise<boolean> {
  return new Promise((resolve, reject) => {
    const gone = () => reject(new Error("the gateway that it was to replace has ended"));
    if (!process.connected) return gone();
    process.once("disconnect", gone);
    process.once("message", (_, socket?: NetServer) => {
      process.off("disconnect", gone);
      process.disconnect();
      // In this very turn: from the next one on, what came with the message would take connections and answer none.
      if (socket !== undefined) server.listen(socket, () => resolve(true));
      else resolve(false);
    });
    process.send?.("ready to listen");
  });
}
