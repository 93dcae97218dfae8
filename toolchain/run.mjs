// @ts-check
import { spawn } from "node:child_process";
import { constants } from "node:os";
import { Refusal } from "./checkout.mjs";

/**
 * Runs a program in the foreground and answers its exit code.
 *
 * A terminal sends Ctrl-C to every process of the group, so the child already has it; sent twice, Pulumi would
 * take it as "stop at once" and leave operations half done. Without a terminal nobody else tells the child.
 *
 * @param {string} command
 * @param {string[]} args
 * @param {{ env: NodeJS.ProcessEnv, cwd: string, quiet?: boolean }} options quiet: stdout goes to stderr
 * @returns {Promise<number>}
 */
export function run(command, args, { env, cwd, quiet = false }) {
  return new Promise((resolve, reject) => {
    const child = spawn(command, args, { env, cwd, stdio: ["inherit", quiet ? 2 : "inherit", "inherit"] });
    const interrupt = () => void (process.stdin.isTTY || process.stderr.isTTY || child.kill("SIGINT"));
    const terminate = () => void child.kill("SIGTERM");
    process.on("SIGINT", interrupt).on("SIGTERM", terminate);
    child.on("error", (error) => reject(new Refusal(`Could not start ${command}: ${error.message}`)));
    child.on("close", (code, signal) => {
      process.off("SIGINT", interrupt).off("SIGTERM", terminate);
      resolve(signal ? 128 + constants.signals[signal] : (code ?? 1));
    });
  });
}
