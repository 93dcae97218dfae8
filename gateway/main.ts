import { parseArgs } from "node:util";

const USAGE = `Usage:
  node gateway/main.ts serve --config FILE
  node gateway/main.ts bridge --name NAME (--socket PATH | --listen HOST:PORT) [--path /mcp]
      [--request-timeout MS] [--start-timeout MS] [--allowed-host NAME]... -- COMMAND [ARGUMENT]...
`;

/** Exit codes, after sysexits.h and the shell. */
const EXIT = { failure: 1, usage: 64, config: 78 } as const;

/** Longest time that calls under way get to finish when the program is told to end, in milliseconds. */
const DRAIN_MS = 10_000;

async function main(argv: readonly string[]): Promise<void> {
  const [mode, ...rest] = argv;
  if (mode === "serve") return serveMode(rest);
  if (mode === "bridge") {
    const { bridgeMode } = await import("./bridge/bridge.ts");
    return bridgeMode(rest);
  }
  if (mode === "--help" || mode === "help") return void process.stdout.write(USAGE);
  fail(EXIT.usage, `${mode ? `There is no mode "${mode}"` : "No mode given"}.\n${USAGE}`);
}

async function serveMode(args: string[]): Promise<void> {
  const { values } = parseArgs({ args, options: { config: { type: "string" } } });
  if (!values.config) return fail(EXIT.usage, `serve needs --config FILE.\n${USAGE}`);
  const { ConfigError, readConfig } = await import("./config-file.ts");
  let config: ReturnType<typeof readConfig>;
  try {
    config = readConfig(values.config, process.env);
  } catch (error) {
    if (error instanceof ConfigError)
      return fail(EXIT.config, `gateway: ${error.faults.join("\ngateway: ")}\n`);
    throw error;
  }
  const [{ serve }, { createLogger }] = await Promise.all([import("./serve.ts"), import("./logging.ts")]);
  const logger = createLogger(config.name);
  const { host, port } = config.listen;
  const gateway = await serve(config, process.env, logger).catch((error: NodeJS.ErrnoException) => {
    const reasons: Record<string, string> = {
      EADDRINUSE: "the port is taken; set another listen.port, or end the program that has it",
      EACCES: "the port may not be opened by this user; set a listen.port above 1023",
      EADDRNOTAVAIL: "this machine has no such address; correct listen.host",
      ENOTFOUND: "the host name is not known; correct listen.host",
    };
    fail(EXIT.failure, `gateway: listen ${host}:${port}: ${reasons[error.code ?? ""] ?? error.message}\n`);
  });
  if (!gateway) return;
  let stopping = false;
  const stop = async (signal: string) => {
    if (stopping) return;
    stopping = true;
    logger.info({ signal }, "stopping");
    await gateway.stop(DRAIN_MS).catch(() => {});
    logger.info("stopped");
    process.exit(0);
  };
  process.on("SIGTERM", stop);
  process.on("SIGINT", stop);
}

function fail(code: number, message: string): void {
  process.stderr.write(message);
  process.exitCode = code;
}

main(process.argv.slice(2)).catch((error: unknown) => {
  const message = error instanceof Error ? error.message : String(error);
  const usage = error instanceof Error && "code" in error && String(error.code).startsWith("ERR_PARSE_ARGS");
  process.stderr.write(`gateway: ${message}\n${usage ? USAGE : ""}`);
  process.exit(usage ? EXIT.usage : EXIT.failure);
});
