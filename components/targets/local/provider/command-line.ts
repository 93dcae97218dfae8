import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { chooseBin, parsePackage } from "../../../../gateway/packages/npm-package.ts";
import { dataDirectory } from "../../../model/server.ts";
import { findCommand, minimalEnvironment } from "./environment.ts";
import { PlainError } from "./faults.ts";
import { markText, markVariable } from "./identity.ts";
import type { ProcessInputs } from "./inputs.ts";
import { declaredProgram, drainMilliseconds } from "./kinds.ts";
import { cachedBins, ensurePackage, packageFolder } from "./package-cache.ts";
import { controlPath, type ProcessPaths } from "./runtime-directory.ts";
import { secretFilesOf } from "./secret-files.ts";

/** All that is needed to start a process. */
export interface CommandLine {
  readonly command: string;
  readonly args: string[];
  readonly cwd: string;
  readonly env: Record<string, string>;
}

// The gateway program lies beside the components, as TypeScript in the checkout and as JavaScript in the package.
const suffix = import.meta.url.endsWith(".ts") ? ".ts" : ".js";
const gatewayProgram = fileURLToPath(new URL(`../../../../gateway/main${suffix}`, import.meta.url));

/** Makes ready what a process runs (its package in the cache) and says how to start it. */
export async function commandLineOf(
  inputs: ProcessInputs,
  paths: ProcessPaths,
  instance: string,
): Promise<CommandLine> {
  const cwd = inputs.storage ? paths.data : paths.run;
  const fill = (text: string) => text.replaceAll(dataDirectory, cwd);
  const declared = declaredProgram(inputs);
  const program = declared === undefined ? [] : [await executableOf(declared.property, declared.program)];
  const [command, ...args] = [...program, ...(declared?.args ?? []).map(fill)];
  const declaredEnv = Object.fromEntries(
    Object.entries({ ...inputs.env, ...inputs.secretEnv }).map(([name, value]) => [name, fill(value)]),
  );
  const fileEnv = secretFilesOf(inputs, paths).map(({ variable, path }) => [variable, path]);
  const env = {
    ...minimalEnvironment(),
    ...declaredEnv,
    ...Object.fromEntries(fileEnv),
    [markVariable]: markText({ ...inputs, instance }),
  };

  if (inputs.gateway !== undefined) {
    const control = controlPath(inputs.directory, inputs.name, instance);
    const drain = String(drainMilliseconds(inputs.gateway));
    const args = [gatewayProgram, "serve", "--config", paths.gatewayConfig, "--drain", drain];
    return {
      command: process.execPath,
      args: control === undefined ? args : [...args, "--control", control],
      cwd,
      env,
    };
  }
  if (command === undefined) throw new PlainError("one of `stdio`, `http` and `gateway` must say what runs");
  if (inputs.http !== undefined) {
    // What most HTTP servers read; a server with names of its own gets them by `env` or `args`.
    return { command, args, cwd, env: { PORT: String(inputs.http.port), HOST: "127.0.0.1", ...env } };
  }
  const bridge = [
    "bridge",
    "--name",
    inputs.name,
    "--socket",
    paths.socket,
    "--request-timeout",
    String(inputs.stdio?.timeoutMs),
    ...(inputs.stdio?.sessionProcesses ? ["--sessions", String(inputs.stdio.sessionProcesses)] : []),
  ];
  return { command: process.execPath, args: [gatewayProgram, ...bridge, "--", command, ...args], cwd, env };
}

/** The path of what is started; a package is in the cache then. @throws PlainError */
export async function executableOf(
  property: string,
  program: { package?: string; bin?: string; command?: string },
): Promise<string> {
  if (program.package === undefined) {
    const found = program.command === undefined ? undefined : findCommand(program.command);
    if (found === undefined)
      throw new PlainError(`${property}.command: "${program.command}" is not a program on this machine`);
    return found;
  }
  const wanted = parsePackage(program.package);
  if (wanted === undefined)
    throw new PlainError(`${property}.package: "${program.package}" is not of the form npm:name@1.2.3`);
  try {
    await ensurePackage(wanted);
  } catch (error) {
    if (error instanceof PlainError) throw new PlainError(`${property}.package: ${error.message}`);
    throw error;
  }
  const choice = chooseBin(wanted, cachedBins(wanted) ?? [], program.bin);
  if ("fault" in choice) throw new PlainError(`${property}.package: ${choice.fault}`);
  return join(packageFolder(wanted), "node_modules", ".bin", choice.bin);
}
