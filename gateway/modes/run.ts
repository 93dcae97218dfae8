import { spawn } from "node:child_process";
import { constants } from "node:os";
import { parseArgs } from "node:util";
import { CommandLineError } from "../command-line.ts";
import { PACKAGE_OPTIONS, packageCommand } from "../packages/store.ts";

const FORWARDED = ["SIGTERM", "SIGINT", "SIGHUP", "SIGQUIT", "SIGUSR1", "SIGUSR2"] as const;

/**
 * Runs an HTTP server that is an npm package, as the local target does for `http.package`: the package's command with
 * this program's environment and output, its signals handed on, its exit code this program's.
 *
 * The server is a child and not in this program's place, because in a container that would be process 1: the kernel
 * does not let a signal end that one unless it handles it, so that a server without a handler would outlive SIGTERM.
 */
export async function runMode(args: readonly string[]): Promise<void> {
  const { values, positionals } = parseArgs({
    args: [...args],
    allowPositionals: true,
    options: PACKAGE_OPTIONS,
  });
  const { package: wanted, ...rest } = values;
  if (wanted === undefined) throw new CommandLineError("run needs --package npm:NAME@VERSION");
  const [command, ...first] = packageCommand({ package: wanted, ...rest });
  const child = spawn(command, [...first, ...positionals], { stdio: "inherit" });
  for (const signal of FORWARDED) process.on(signal, () => void child.kill(signal));
  const exitCode = await new Promise<number>((resolve, reject) => {
    child.once("error", reject);
    child.once("exit", (code, signal) => resolve(code ?? 128 + (signal ? constants.signals[signal] : 0)));
  });
  process.exit(exitCode);
}
