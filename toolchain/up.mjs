// @ts-check
import { spawn } from "node:child_process";
import { readdir } from "node:fs/promises";
import { join } from "node:path";
import { checkout, Refusal } from "./checkout.mjs";
import { ownState, scriptEnvironment } from "./environment.mjs";
import { openPulumi, stackDirectory } from "./pulumi.mjs";
import { run } from "./run.mjs";
import { stackArgument } from "./stack-argument.mjs";
import { removeStaleLocks } from "./stale-locks.mjs";

/** `npm run up`: the stack exists, the policies hold, the update is green, and the summary says what is there. */
export async function up(/** @type {string[]} */ args) {
  const { stack, rest } = stackArgument("up", args);
  await requireConfiguration(stack);
  const stackFile = join(stackDirectory, `Pulumi.${stack.split("/").at(-1)}.yaml`);
  const prepared = await prepareKubernetes(stack, stackFile);
  if (!prepared) return 1;
  const pulumi = await openPulumi(prepared);
  await removeStaleLocks(join(ownState, "backend"));
  const selected = await pulumi.run(["stack", "select", "--create", "--stack", stack], { quiet: true });
  if (selected !== 0) return selected;
  const updated = await pulumi.run(["up", "--yes", "--policy-pack", "policies", "--stack", stack, ...rest]);
  if (updated !== 0) return updated;
  const summary = [join("cli", "mcp-infra.js"), "summary", "--stack", stack];
  return run("node", summary, { env: pulumi.env, cwd: checkout });
}

/** A mistyped name would otherwise make a new, empty environment. */
async function requireConfiguration(/** @type {string} */ stack) {
  const files = await readdir(stackDirectory).catch(() => []);
  const known = files.flatMap((name) => name.match(/^Pulumi\.(.+)\.yaml$/)?.[1] ?? []);
  const name = stack.split("/").at(-1) ?? stack;
  if (known.includes(name)) return;
  throw new Refusal(
    `There is no environment "${name}": stacks/Pulumi.${name}.yaml does not exist.\n` +
      `The environments here: ${known.join(", ") || "none"}. Choose one with \`npm run up -- --stack NAME\`.`,
  );
}

/**
 * A cluster with the image, for a stack that runs on one.
 * @param {string} stack
 * @param {string} stackFile
 * @returns {Promise<NodeJS.ProcessEnv | undefined>} what Pulumi needs to know of it; nothing when it has said why not
 */
function prepareKubernetes(stack, stackFile) {
  const script = join(checkout, "toolchain", "prepare-kubernetes.mjs");
  const options = { env: scriptEnvironment(), cwd: checkout };
  return new Promise((resolve, reject) => {
    const child = spawn("node", [script, stack, stackFile], {
      ...options,
      stdio: ["ignore", "pipe", "inherit"],
    });
    let printed = "";
    child.stdout.on("data", (data) => {
      printed += data;
    });
    child.on("error", reject);
    child.on("close", (code) => resolve(code === 0 ? JSON.parse(printed) : undefined));
  });
}
