import { belongsTo } from "./identity.ts";
import type { ProcessInputs } from "./inputs.ts";
import { listenersOn } from "./ports.ts";

/**
 * What is wrong with where a server listens that speaks HTTP itself: beyond loopback anybody in the network calls it
 * past the gateway, which is what asks for tokens. `undefined` where all is well, or the system doesn't show it. A
 * gateway may listen anywhere, since it asks for tokens itself.
 */
export function exposureOf(
  { name, http }: Pick<ProcessInputs, "name" | "http">,
  started: { readonly pid: number; readonly instance: string },
): string | undefined {
  if (http === undefined) return undefined;
  const open = listenersOn(http.port).some(
    // Nobody to be seen behind it: as root publishes the port of a container that was started as the server.
    ({ loopback, pids }) => !loopback && (pids.length === 0 || pids.some((pid) => belongsTo(pid, started))),
  );
  if (!open) return undefined;
  return `http.port: "${name}" listens on port ${http.port} of more than 127.0.0.1: others in your network can call it without a token. Give it the option that makes it listen on 127.0.0.1 only (it ignores the variable HOST), or close the port with a firewall, or use a server that speaks stdio`;
}
