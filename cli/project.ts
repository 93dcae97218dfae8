import { existsSync } from "node:fs";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { execa } from "execa";

/** A mistake that its maker can mend: printed as it is, without a stack. */
export class UserError extends Error {}

/** There is no stack, or nothing in it. */
export class NothingDeployed extends UserError {}

/** The Pulumi project that the working directory is in. */
export function projectDirectory(): string {
  for (let directory = process.cwd(); ; directory = path.dirname(directory)) {
    if (existsSync(path.join(directory, "Pulumi.yaml"))) return directory;
    if (directory === path.dirname(directory))
      throw new UserError(
        "There is no Pulumi.yaml here or above: run this in the directory of your Pulumi project.",
      );
  }
}

/** Runs Pulumi in the project and answers what it printed; what is secret goes in as `input`, never as an argument. */
export async function pulumi(args: string[], input?: string): Promise<string> {
  const result = await runPulumi(args, { input });
  if (result.failed)
    throw new UserError(
      `\`pulumi ${args[0]} ${args[1]}\` failed: ${result.stderr?.trim() || result.shortMessage}`,
    );
  return result.stdout;
}

/** Runs Pulumi in the project, and answers also how it failed. */
export async function runPulumi(
  args: string[],
  { input, env: further }: { input?: string; env?: NodeJS.ProcessEnv } = {},
) {
  const { command, env, tidily } = await openPulumi();
  const options = { cwd: projectDirectory(), env: { ...env, ...further }, reject: false } as const;
  const result = await tidily(() =>
    execa(command, [...args, "--non-interactive"], { ...options, ...(input !== undefined && { input }) }),
  );
  if (result.code === "ENOENT")
    throw new UserError(
      "Pulumi is not on PATH: install it from https://www.pulumi.com/docs/iac/download-install/.",
    );
  const [absent, named] = result.stderr?.match(/no stack selected|no stack named '(.+?)'/) ?? [];
  if (absent) throw await noStack(named);
  return result;
}

/** A name that is mistyped, no stack that is selected, or none at all. */
async function noStack(named: string | undefined): Promise<UserError> {
  const stacks = JSON.parse(await pulumi(["stack", "ls", "--json"])) as { name: string }[];
  const names = stacks.map(({ name }) => name).join(", ");
  if (names === "")
    return new NothingDeployed(
      "Nothing is deployed here yet: run `pulumi up` (`npm run up` in a checkout) first.",
    );
  return new UserError(
    named === undefined
      ? `No stack is selected; there is ${names}. Choose one with --stack.`
      : `There is no stack "${named}"; there is ${names}.`,
  );
}

/** The checkout of the framework that this command line is of; a package has none around it. */
const toolchain = new URL("../toolchain/pulumi.mjs", import.meta.url);
const checkout = path.dirname(path.dirname(fileURLToPath(toolchain)));

/** Whether the project is the checkout itself, where Pulumi is run by `npm run`. */
export function isCheckout(): boolean {
  return projectDirectory() === checkout;
}

/**
 * What `npm run up` deployed in a checkout of the framework stands in a backend of the checkout's own, with its own
 * CLI and passphrase; everything else is reached with the user's Pulumi and environment.
 */
async function openPulumi(): Promise<{
  command: string;
  env: NodeJS.ProcessEnv;
  /** Leaves nothing behind in the checkout's committed files. */
  tidily<Result>(action: () => Promise<Result>): Promise<Result>;
}> {
  const ownBackend = path.join(checkout, ".mcp-infra", "backend");
  if (!isCheckout() || !existsSync(ownBackend))
    return { command: "pulumi", env: process.env, tidily: (action) => action() };
  const { tidily, ...opened } = await (await import(toolchain.href)).openPulumi();
  return { command: opened.cli.path, env: opened.env, tidily };
}
