// @ts-check
import { join } from "node:path";
import { checkout, Refusal } from "./checkout.mjs";
import { findPrograms } from "./cluster/programs.mjs";
import { scriptEnvironment } from "./environment.mjs";
import { findPulumi } from "./pulumi-cli.mjs";
import { run } from "./run.mjs";

const parts = ["up", "preview", "rollout", "gateways"];

/**
 * `npm run bench`: measures with the tools in place, so that no first build is in the figures.
 * `npm run bench -- gateways …` makes one part alone, with its options.
 */
export async function bench(/** @type {string[]} */ [part, ...options]) {
  if (part !== undefined && !parts.includes(part))
    throw new Refusal(`There is no bench "${part}". There are: ${parts.join(", ")}.`);
  if (part !== "gateways") {
    await findPulumi();
    await findPrograms();
  }
  for (const each of part === undefined ? parts : [part]) {
    const script = join("bench", `${each}.ts`);
    const code = await run("node", [script, ...options], { env: scriptEnvironment(), cwd: checkout });
    if (code !== 0) return code;
  }
  return 0;
}
