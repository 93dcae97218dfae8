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

/** Runs Pulumi in the project and answers what it printed. */
export async function pulumi(args: string[]): Promise<string> {
  const { command, env } = await openPulumi();
  const result = await execa(command, [...args, "--non-interactive"], {
    cwd: projectDirectory(),
    env,
    reject: false,
  });
  if (result.code === "ENOENT")
    throw new UserError(
      "Pulumi is not on PATH: install it from https://www.pulumi.com/docs/iac/download-install/.",
    );
  if (/no stack selected|no stack named/.test(result.stderr ?? ""))
    throw new NothingDeployed(
      "Nothing is deployed here yet: run `pulumi up` (`npm run up` in a checkout) first.",
    );
  if (result.failed)
    throw new UserError(
      `\`pulumi ${args[0]} ${args[1]}\` failed: ${result.stderr?.trim() || result.shortMessage}`,
    );
  return result.stdout;
}

/**
 * What `npm run up` deployed in a checkout of the framework stands in a backend of the checkout's own, with its own
 * CLI and passphrase; everything else is reached with the user's Pulumi and environment.
 */
async function openPulumi(): Promise<{ command: string; env: NodeJS.ProcessEnv }> {
  const toolchain = new URL("../toolchain/pulumi.mjs", import.meta.url);
  const checkout = path.dirname(path.dirname(fileURLToPath(toolchain)));
  const ownBackend = path.join(checkout, ".mcp-infra", "backend");
  if (projectDirectory() !== checkout || !existsSync(ownBackend))
    return { command: "pulumi", env: process.env };
  const { cli, env } = await (await import(toolchain.href)).openPulumi();
  return { command: cli.path, env };
}
