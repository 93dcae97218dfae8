import { parseArgs } from "node:util";
import { CommandLineError, milliseconds } from "../command-line.ts";
import { livePage, mcpListener } from "../http/listener.ts";
import { PACKAGE_OPTIONS, packageCommand } from "../packages/store.ts";
import { CODE, RpcError } from "../protocol/messages.ts";
import { type Address, AddressError, listenAt, parseListen } from "./address.ts";
import { BridgeChanges } from "./changes.ts";
import { type ChildExit, StdioServer } from "./child.ts";
import { lineMasker } from "./masking.ts";
import { bridgeHealth, bridgeService, type Started } from "./service.ts";
import { SessionChildren } from "./session-child.ts";

/** What the command line of the bridge says. */
export interface BridgeOptions {
  name: string;
  address: Address;
  path: string;
  requestTimeoutMs: number;
  startTimeoutMs: number;
  /** Longest time that calls under way get when the bridge is told to end. */
  drainMs: number;
  /** Names that the Host header may carry; `undefined` lets all in. */
  allowedHosts: readonly string[] | undefined;
  /** How many clients that can be asked something may have a process of the server each; 0: none. */
  sessions: number;
  command: readonly [string, ...string[]];
}

/** Largest request body, in bytes. */
const MAX_REQUEST_BYTES = 16 * 1024 * 1024;

const LOOPBACK = ["localhost", "127.0.0.1", "::1"];

/**
 * Runs one stdio server as a child process and serves it over streamable HTTP until either ends. When the server
 * ends, so does the bridge, with an exit code other than 0: a dead server must not look alive.
 */
export async function bridgeMode(args: readonly string[]): Promise<void> {
  await run(parseBridgeArguments(args));
}

/** Parses the command line. Throws CommandLineError. */
export function parseBridgeArguments(args: readonly string[]): BridgeOptions {
  const { values, positionals } = parseArgs({
    args: [...args],
    allowPositionals: true,
    options: {
      name: { type: "string" },
      socket: { type: "string" },
      listen: { type: "string" },
      path: { type: "string", default: "/mcp" },
      "request-timeout": { type: "string", default: "60000" },
      "start-timeout": { type: "string", default: "60000" },
      drain: { type: "string", default: "5000" },
      "allowed-host": { type: "string", multiple: true },
      sessions: { type: "string", default: "0" },
      ...PACKAGE_OPTIONS,
    },
  });
  if (!values.name) throw new CommandLineError("--name NAME is missing");
  const { package: wanted, bin, "package-store": store } = values;
  const fromPackage =
    wanted === undefined ? [] : packageCommand({ package: wanted, bin, "package-store": store });
  const [command, ...rest] = [...fromPackage, ...positionals];
  if (command === undefined) {
    throw new CommandLineError(
      "the server is missing: -- COMMAND [ARGUMENT]..., or --package npm:NAME@VERSION",
    );
  }
  if ((values.socket === undefined) === (values.listen === undefined)) {
    throw new CommandLineError("give either --socket PATH or --listen HOST:PORT");
  }
  if (!values.path.startsWith("/")) throw new CommandLineError(`--path ${values.path}: must begin with "/"`);
  if (!/^\d{1,4}$/.test(values.sessions)) {
    throw new CommandLineError(`--sessions ${values.sessions}: must be a number of processes, 0 to 9999`);
  }
  const address = values.socket === undefined ? parseListen(values.listen ?? "") : { socket: values.socket };
  const onLoopback = "host" in address && LOOPBACK.includes(address.host);
  return {
    name: values.name,
    address,
    path: values.path,
    requestTimeoutMs: milliseconds("--request-timeout", values["request-timeout"]),
    startTimeoutMs: milliseconds("--start-timeout", values["start-timeout"]),
    drainMs: milliseconds("--drain", values.drain),
    allowedHosts: values["allowed-host"] ?? (onLoopback ? LOOPBACK : undefined),
    sessions: Number(values.sessions),
    command: [command, ...rest],
  };
}

async function run(options: BridgeOptions): Promise<void> {
  const { name, requestTimeoutMs, startTimeoutMs, drainMs, command } = options;
  const mask = lineMasker(process.env);
  const say = (line: string) => process.stderr.write(`[${name}] ${mask(line)}\n`);
  const { promise: started, resolve, reject } = Promise.withResolvers<Started>();
  started.catch(() => {});
  const changes = new BridgeChanges(started);
  const children = new SessionChildren(
    (by) => new StdioServer(command[0], command.slice(1), { ...by, onLine: say }),
  );
  const own = options.sessions > 0 ? { children, max: options.sessions } : undefined;
  const listener = mcpListener(bridgeService({ name, started, changes, own, requestTimeoutMs }), {
    path: options.path,
    maxRequestBytes: MAX_REQUEST_BYTES,
    allowedHosts: options.allowedHosts,
    allowedOrigins: [],
    pages: {
      "/live": livePage,
      "/health": async ({ draining }) => {
        const health = await bridgeHealth(started);
        return draining ? { ...health, status: 503 } : health;
      },
    },
    onError: () => {},
  });
  let port: number | undefined;
  try {
    // The address first: if another bridge has it, no second server is started, not even for a moment.
    port = await listenAt(listener.server, options.address);
  } catch (error) {
    say(`bridge: ${error instanceof AddressError ? error.message : String(error)}`);
    process.exit(1);
  }

  const child = new StdioServer(command[0], command.slice(1), {
    onLine: say,
    onNotification: changes.tell,
  });
  let ending = false;
  const end = async (reason: string, exitCode: number, withinMs: number) => {
    if (ending) return;
    ending = true;
    say(`bridge: ${reason}`);
    reject(new RpcError(CODE.unavailable, "The server process has ended"));
    await listener.drain(withinMs);
    changes.close();
    await Promise.all([child.end(), children.end()]); // also what a launcher may have left behind
    process.exit(exitCode);
  };
  for (const signal of ["SIGTERM", "SIGINT", "SIGHUP"] as const) {
    process.on(signal, () => void end(`${signal}, ending`, 0, drainMs));
  }
  child.exited.then(
    (exit) => end(explainExit(exit, mask), exit.code || 1, 500),
    ({ code }: NodeJS.ErrnoException) => {
      const missing = code === "ENOENT";
      const why = missing ? "command not found" : `can't be started (${code})`;
      return end(`${command[0]}: ${why}`, missing ? 127 : 126, 0);
    },
  );
  try {
    const negotiated = await child.handshake(AbortSignal.timeout(startTimeoutMs));
    resolve({ child, negotiated });
    const at = "socket" in options.address ? options.address : { host: options.address.host, port };
    const { era, version, serverInfo } = negotiated;
    const line = {
      msg: "listening",
      bridge: name,
      ...at,
      path: options.path,
      era,
      version,
      server: serverInfo.name,
    };
    process.stdout.write(`${JSON.stringify(line)}\n`);
  } catch (error) {
    // When the process has ended, its exit tells more than the handshake that failed with it.
    await Promise.race([child.exited.catch(() => {}), new Promise((done) => setTimeout(done, 200))]);
    const refused = error instanceof RpcError && `refused the handshake: ${error.message}`;
    const why = refused || `did not answer the handshake within ${startTimeoutMs} ms`;
    await end(`the server ${why}. Is it a stdio MCP server?`, 1, 0);
  }
}

function explainExit({ code, signal, lastLines }: ChildExit, mask: (line: string) => string): string {
  const how = signal ? `by ${signal}` : `with exit code ${code}`;
  // Masked before they are cut: half a credential may not look like one.
  const last = lastLines.slice(-3).map(mask).join(" | ").slice(-500);
  return `the server ended ${how}; ${last ? `its last lines: ${last}` : "it wrote nothing to standard error"}`;
}
