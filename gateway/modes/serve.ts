import type { Server } from "node:http";
import { parseArgs } from "node:util";
import { CommandLineError, EXIT, milliseconds } from "../command-line.ts";
import { ConfigError, readConfig } from "../config-file.ts";
import { openControl } from "../handover/control.ts";
import { listeningAsSuccessor } from "../handover/listener.ts";
import { listening } from "../http/listening.ts";
import { createLogger } from "../logging.ts";
import { serve } from "../serve.ts";

const LISTEN_ERRORS: Record<string, string> = {
  EADDRINUSE: "the port is taken; set another listen.port, or end the program that has it",
  EACCES: "the port may not be opened by this user; set a listen.port above 1023",
  EADDRNOTAVAIL: "this machine has no such address; correct listen.host",
  ENOTFOUND: "the host name is not known; correct listen.host",
};

/**
 * Runs the gateway until it is told to end; then it gives calls under way the time that `--drain` says. With `--control`
 * it can be replaced without losing a call, by one that it starts with `--successor`.
 */
export async function serveMode(args: readonly string[]): Promise<void> {
  const { values } = parseArgs({
    args: [...args],
    options: {
      config: { type: "string" },
      drain: { type: "string", default: "10000" },
      control: { type: "string" },
      successor: { type: "boolean", default: false },
    },
  });
  if (!values.config) throw new CommandLineError("serve needs --config FILE");
  const drainMs = milliseconds("--drain", values.drain);
  const config = configIn(values.config);
  const logger = createLogger(config.name);
  const listen = values.successor ? listeningAsSuccessor : listening;
  const gateway = await serve(config, process.env, logger, listen).catch((error: NodeJS.ErrnoException) => {
    const { host, port } = config.listen;
    const why = LISTEN_ERRORS[error.code ?? ""] ?? error.message;
    throw new CommandLineError(`listen ${host}:${port}: ${why}`, EXIT.failure);
  });
  let stopping = false;
  let control: Server | undefined;
  const stop = async (reason: string) => {
    if (stopping) return;
    stopping = true;
    logger.info({ reason }, "stopping");
    control?.close();
    await gateway.stop(drainMs).catch(() => {});
    logger.info("stopped");
    process.exit(0);
  };
  process.on("SIGTERM", stop);
  process.on("SIGINT", stop);
  const { server, port } = gateway;
  const replaceable = { server, listen: { ...config.listen, port }, end: () => void stop("successor") };
  if (values.control) control = await openControl(values.control, replaceable);
}

function configIn(file: string) {
  try {
    return readConfig(file, process.env);
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    throw new CommandLineError(error.faults.join("\ngateway: "), EXIT.config);
  }
}
