// @ts-check
import { join } from "node:path";
import { checkout } from "../checkout.mjs";
import { scriptEnvironment } from "../environment.mjs";
import { run } from "../run.mjs";

/** `npm run image -- [PACKAGE…] [--out FILE]`: the builder is TypeScript, which wants the Node of the checkout. */
export async function image(/** @type {string[]} */ args) {
  return run("node", [join("toolchain", "image", "main.ts"), ...args], {
    env: scriptEnvironment(),
    cwd: checkout,
  });
}
