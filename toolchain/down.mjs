// @ts-check
import { existsSync } from "node:fs";
import { rm, rmdir } from "node:fs/promises";
import { join } from "node:path";
import { say } from "./checkout.mjs";
import { ownState, usesOwnBackend } from "./environment.mjs";
import { openPulumi, stackDirectory } from "./pulumi.mjs";
import { stackArgument } from "./stack-argument.mjs";
import { holdEncryptedValues } from "./stack-files.mjs";
import { removeStaleLocks } from "./stale-locks.mjs";

/** `npm run down`: takes everything down and leaves the checkout as it was, with its stack configuration. */
export async function down(/** @type {string[]} */ args) {
  const { stack, rest } = stackArgument("down", args);
  if (usesOwnBackend() && !existsSync(join(ownState, "backend"))) return nothingThere(stack);
  const pulumi = await openPulumi();
  if (!(await stackNames(pulumi)).includes(stack)) {
    await forgetEmptyBackend(pulumi);
    return nothingThere(stack);
  }
  await removeStaleLocks(join(ownState, "backend"));
  const destroyed = await pulumi.run(["destroy", "--yes", "--stack", stack, ...rest]);
  if (destroyed !== 0) return destroyed;
  const removed = await pulumi.run(["stack", "rm", "--yes", "--preserve-config", "--stack", stack], {
    quiet: true,
  });
  if (removed !== 0) return removed;
  const name = stack.split("/").at(-1) ?? stack;
  // Pulumi's own last words are how to remove it; and its `destroy --remove` would take the configuration file with it.
  say(
    `The stack "${stack}" is removed too, so there is nothing left to do; stacks/Pulumi.${name}.yaml stays.`,
  );
  // What Pulumi doesn't know of, such as the log of a server that never came up.
  await rm(join(ownState, name), { recursive: true, force: true });
  await forgetEmptyBackend(pulumi);
  return 0;
}

function nothingThere(/** @type {string} */ stack) {
  say(`Nothing to take down: there is no stack "${stack}".`);
  return 0;
}

/** The passphrase only goes when nothing is left that it could open: no stack, no encrypted configuration. */
async function forgetEmptyBackend(/** @type {Awaited<ReturnType<typeof openPulumi>>} */ pulumi) {
  if (!usesOwnBackend() || (await stackNames(pulumi, "--all")).length > 0) return;
  await rm(join(ownState, "backend"), { recursive: true, force: true });
  if (!(await holdEncryptedValues(stackDirectory))) await rm(join(ownState, "passphrase"), { force: true });
  // Others keep things here too; then the directory stays.
  await rmdir(ownState).catch(() => undefined);
}

/** @param {Awaited<ReturnType<typeof openPulumi>>} pulumi @param {string[]} flags */
async function stackNames(pulumi, ...flags) {
  const stacks = /** @type {{ name: string }[]} */ (await pulumi.json(["stack", "ls", ...flags]));
  return stacks.map(({ name }) => name);
}
