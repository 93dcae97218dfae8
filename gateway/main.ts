import { CommandLineError, EXIT } from "./command-line.ts";

const USAGE = `Usage:
  main.js serve --config FILE [--drain MS] [--control SOCKET] [--successor]
  main.js bridge --name NAME (--socket PATH | --listen HOST:PORT) [--path /mcp] [--request-timeout MS]
      [--start-timeout MS] [--drain MS] [--allowed-host NAME]... [--sessions N] PROGRAM
  main.js run PACKAGE
  main.js probe --listen HOST:PORT --url URL [--timeout MS]
  main.js copy-runtime --to DIR

PROGRAM: -- COMMAND [ARGUMENT]...   or   PACKAGE
PACKAGE: --package npm:NAME@VERSION [--bin BIN] [--package-store DIR] [-- ARGUMENT...]
`;

/** What the program can be. Each is loaded when it is asked for: a probe should not pay for the gateway's memory. */
const modes: Record<string, (args: readonly string[]) => Promise<void>> = {
  serve: async (args) => (await import("./modes/serve.ts")).serveMode(args),
  bridge: async (args) => (await import("./bridge/bridge.ts")).bridgeMode(args),
  run: async (args) => (await import("./modes/run.ts")).runMode(args),
  probe: async (args) => (await import("./modes/probe.ts")).probeMode(args),
  "copy-runtime": async (args) => (await import("./modes/copy-runtime.ts")).copyRuntimeMode(args),
};

async function main([mode = "", ...args]: readonly string[]): Promise<void> {
  if (mode === "--help" || mode === "help") return void process.stdout.write(USAGE);
  const run = Object.hasOwn(modes, mode) ? modes[mode] : undefined;
  if (!run) throw new CommandLineError(`${mode ? `there is no mode "${mode}"` : "no mode given"}`);
  try {
    await run(args);
  } catch (error) {
    const parsing =
      error instanceof Error && "code" in error && String(error.code).startsWith("ERR_PARSE_ARGS");
    throw parsing ? new CommandLineError(error.message) : error;
  }
}

const [mode = ""] = process.argv.slice(2);
main(process.argv.slice(2)).catch((error: unknown) => {
  const exitCode = error instanceof CommandLineError ? error.exitCode : EXIT.failure;
  const who = mode !== "serve" && Object.hasOwn(modes, mode) ? mode : "gateway";
  const message = error instanceof Error ? error.message : String(error);
  process.stderr.write(`${who}: ${message}\n${exitCode === EXIT.usage ? USAGE : ""}`);
  process.exit(exitCode);
});
