// @ts-check
import { homedir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

/** The checkout this toolchain belongs to, whatever the working directory is. */
export const checkout = fileURLToPath(new URL("..", import.meta.url)).replace(/[\\/]$/, "");

/** What is costly to make and shared by all checkouts of a user. */
export function cacheDirectory() {
  const { MCP_INFRA_CACHE, XDG_CACHE_HOME } = process.env;
  return MCP_INFRA_CACHE || join(XDG_CACHE_HOME || join(homedir(), ".cache"), "mcp-infra");
}

/** Something a person can put right. Its message is all they are shown: what is wrong, and what to do. */
export class Refusal extends Error {}

/** Everything of ours goes to stderr, so that `npm run -s pulumi -- stack output --json` is JSON and nothing else. */
export function say(/** @type {string} */ text) {
  process.stderr.write(`${text}\n`);
}
