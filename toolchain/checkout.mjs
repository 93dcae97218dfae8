// @ts-check
import { fileURLToPath } from "node:url";

/** The checkout this toolchain belongs to, whatever the working directory is. */
export const checkout = fileURLToPath(new URL("..", import.meta.url)).replace(/[\\/]$/, "");

/** Something a person can put right. Its message is all they are shown: what is wrong, and what to do. */
export class Refusal extends Error {}

/** Everything of ours goes to stderr, so that `npm run -s pulumi -- stack output --json` is JSON and nothing else. */
export function say(/** @type {string} */ text) {
  process.stderr.write(`${text}\n`);
}
