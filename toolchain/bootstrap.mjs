// @ts-check
/**
 * The way in for `npm run up`, `down`, `pulumi`, `bench`, `image`, `setup` and `npm test`. It runs with Node's own modules
 * alone, on the Node of the machine (20 or newer), because it is what installs everything else.
 */
import { join } from "node:path";
import { bench } from "./bench.mjs";
import { checkout, Refusal, say } from "./checkout.mjs";
import { down } from "./down.mjs";
import { scriptEnvironment } from "./environment.mjs";
import { image } from "./image/verb.mjs";
import { installPackages } from "./install.mjs";
import { openPulumi } from "./pulumi.mjs";
import { findPulumi } from "./pulumi-cli.mjs";
import { run } from "./run.mjs";
import { test } from "./test.mjs";
import { up } from "./up.mjs";

/** @type {Record<string, (args: string[]) => Promise<number>>} Each answers the exit code. */
const verbs = {
  up,
  down,
  test,
  bench,
  image,
  pulumi: async (args) => (await openPulumi()).run(args),
  // On the Node that is installed by now: the Kubernetes client needs a newer one than this may be.
  cluster: (args) =>
    run("node", [join("toolchain", "cluster", "command.mjs"), ...args], {
      env: scriptEnvironment(),
      cwd: checkout,
    }),
  setup: async () => {
    const { path } = await findPulumi();
    say(`Ready. Pulumi: ${path}`);
    return 0;
  },
};

const [verb = "", ...args] = process.argv.slice(2);
try {
  const action = verbs[verb];
  if (!action) throw new Refusal(`Unknown verb "${verb}". There are: ${Object.keys(verbs).join(", ")}.`);
  await installPackages();
  process.exitCode = await action(args);
} catch (error) {
  if (!(error instanceof Refusal)) throw error;
  say(error.message);
  process.exitCode = 1;
}
