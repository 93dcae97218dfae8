import { setTimeout as pause } from "node:timers/promises";
import { UserError } from "./project.ts";
import { optionsOf, type Selection } from "./selection.ts";
import { deployedGateway } from "./stack.ts";

/** Holds a way to a gateway in a cluster open and prints its URL, until the user ends it. */
export async function connect(selection: Selection, port: string | undefined): Promise<void> {
  const localPort = portOf(port);
  const { endpoint, forwarded, reach, isGone } = await deployedGateway(selection);
  if (!forwarded) {
    process.stdout.write(
      `${endpoint}\nThere is nothing to open: this machine reaches the gateway as it is.\n`,
    );
    return;
  }
  const hint = `npx mcp-infra clients <consumer>${optionsOf(selection)}`;
  await reach(
    async (url) => {
      process.stdout.write(`${url}\n`);
      process.stderr.write(`Open until Ctrl-C. Configuration for clients: ${hint}\n`);
      if (await endedOrGone(isGone))
        throw new UserError(
          `The gateway is gone: its service is no longer in the cluster. \`npx mcp-infra status${optionsOf({ stack: selection.stack })}\` shows what is.`,
        );
    },
    localPort ?? Number(new URL(endpoint).port),
  );
}

function portOf(text: string | undefined): number | undefined {
  if (text === undefined) return undefined;
  const port = Number(text);
  if (!Number.isInteger(port) || port < 1 || port > 65_535)
    throw new UserError(`--port is "${text}"; give a port from 1 to 65535.`);
  return port;
}

/** How often the cluster is asked: a gateway that was taken down leaves a port behind that answers nobody. */
const watchMs = 5_000;

/** Waits for the user to end it, or for the gateway to be gone. Answers whether it is gone. */
async function endedOrGone(isGone = async () => false): Promise<boolean> {
  let over = false;
  const waiting = new AbortController();
  const byUser = ended().then(() => {
    over = true;
    waiting.abort();
  });
  while (!over) {
    await pause(watchMs, undefined, { signal: waiting.signal }).catch(() => undefined);
    if (!over && (await Promise.race([isGone(), byUser.then(() => false)]))) return true;
  }
  return false;
}

function ended(): Promise<void> {
  return new Promise((resolve) => {
    process.once("SIGINT", resolve).once("SIGTERM", resolve);
  });
}
