// @ts-check
import { join } from "node:path";
import { checkout } from "./checkout.mjs";
import { scriptEnvironment } from "./environment.mjs";
import { findPulumi } from "./pulumi-cli.mjs";
import { run } from "./run.mjs";

/** `npm run bench`: measures with the tools in place, so that no first build is in the figures. */
export async function bench() {
  await findPulumi();
  return run("node", [join("bench", "up.ts")], { env: scriptEnvironment(), cwd: checkout });
}
