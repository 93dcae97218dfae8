// @ts-check
import { join } from "node:path";
import { checkout } from "./checkout.mjs";
import { findPrograms } from "./cluster/programs.mjs";
import { scriptEnvironment } from "./environment.mjs";
import { findPulumi } from "./pulumi-cli.mjs";
import { run } from "./run.mjs";

/** `npm run bench`: measures with the tools in place, so that no first build is in the figures. */
export async function bench() {
  await findPulumi();
  await findPrograms();
  for (const script of ["up.ts", "preview.ts", "rollout.ts"]) {
    const code = await run("node", [join("bench", script)], { env: scriptEnvironment(), cwd: checkout });
    if (code !== 0) return code;
  }
  return 0;
}
