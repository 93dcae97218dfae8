import { UserError } from "./project.ts";
import { optionsOf, type Selection } from "./selection.ts";
import { deployedGateway } from "./stack.ts";

/** Holds a way to a gateway in a cluster open and prints its URL, until the user ends it. */
export async function connect(selection: Selection, port: string | undefined): Promise<void> {
  const localPort = portOf(port);
  const { endpoint, forwarded, reach } = await deployedGateway(selection);
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
      await ended();
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

function ended(): Promise<void> {
  return new Promise((resolve) => {
    process.once("SIGINT", resolve).once("SIGTERM", resolve);
  });
}
