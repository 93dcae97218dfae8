// @ts-check
import { execFile } from "node:child_process";
import { join } from "node:path";
import { promisify } from "node:util";
import { checkout, Refusal } from "./checkout.mjs";
import { pulumiEnvironment } from "./environment.mjs";
import { findPulumi } from "./pulumi-cli.mjs";
import { run } from "./run.mjs";
import { withoutIdleSalt } from "./stack-files.mjs";

/** Where the stack configurations are: `stackConfigDir` in Pulumi.yaml. */
export const stackDirectory = join(checkout, "stacks");

/**
 * Runs Pulumi, and takes out of the committed stack files what it leaves there.
 * @template T
 * @param {() => Promise<T>} action
 * @returns {Promise<T>}
 */
const tidily = (action) => withoutIdleSalt(stackDirectory, action);

/**
 * Pulumi for this checkout: the CLI found (or built), and the environment to run it in.
 * @param {NodeJS.ProcessEnv} [further] environment on top
 */
export async function openPulumi(further = {}) {
  const cli = await findPulumi();
  const env = { ...(await pulumiEnvironment({ cli })), ...further };
  return {
    cli,
    env,
    /** Runs `pulumi` in the foreground and answers its exit code. */
    run: (/** @type {string[]} */ args, { quiet = false } = {}) =>
      tidily(() => run(cli.path, args, { env, cwd: checkout, quiet })),
    tidily,
    /** Runs `pulumi` for its JSON. @returns {Promise<unknown>} */
    json: async (/** @type {string[]} */ args) => {
      const pulumi = promisify(execFile)(cli.path, [...args, "--json"], { env, cwd: checkout });
      const { stdout } = await pulumi.catch((error) => {
        throw new Refusal(`\`pulumi ${args.join(" ")}\` failed:\n${error.stderr || error.message}`);
      });
      return JSON.parse(stdout);
    },
  };
}
