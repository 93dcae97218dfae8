import { setTimeout as delay } from "node:timers/promises";
import { kindIn } from "./condition.ts";
import { messageOf } from "./faults.ts";
import type { ProcessIdentity } from "./identity.ts";
import type { ProcessInputs } from "./inputs.ts";
import { declaredPort, endpointOf, programProperty } from "./kinds.ts";
import { takenText } from "./port-check.ts";
import { portHolder } from "./ports.ts";
import { type ProcessRecord, writePrivateFile } from "./records.ts";
import { makeProcessDirectories, type ProcessPaths, processPaths } from "./runtime-directory.ts";
import { writeSecretFiles } from "./secret-files.ts";

const pollMilliseconds = 50;
const portDeadlineMilliseconds = 2_000;

/** Makes the directories that a process is started in. */
export function makeDirectories(inputs: ProcessInputs): ProcessPaths {
  const paths = processPaths(inputs.directory, inputs.name);
  makeProcessDirectories(paths, { storage: inputs.storage, socket: inputs.http === undefined });
  return paths;
}

/** Writes the files that a process reads at its start. */
export function writeFiles(inputs: ProcessInputs, paths: ProcessPaths): void {
  if (inputs.gateway !== undefined) {
    writePrivateFile(paths.gatewayConfig, `${JSON.stringify(inputs.gateway.config, null, 2)}\n`);
  }
  writeSecretFiles(inputs, paths);
}

/** That another program has the port of a process, in words; `undefined` when it is free. */
export async function takenPort(inputs: ProcessInputs): Promise<string | undefined> {
  const declared = declaredPort(inputs);
  if (declared === undefined) return undefined;
  // The process that had it may have ended only just now.
  const deadline = Date.now() + portDeadlineMilliseconds;
  let holder = await portHolder(declared.port, declared.host);
  while (holder !== undefined && holder.pid === undefined && Date.now() < deadline) {
    await delay(pollMilliseconds);
    holder = await portHolder(declared.port, declared.host);
  }
  if (holder === undefined) return undefined;
  return `${declared.property}: ${takenText(declared.port, holder, inputs)}`;
}

/** The record of a process that was started just now. */
export function recordOf(
  urn: string,
  inputs: ProcessInputs,
  started: ProcessIdentity & { readonly instance: string },
): ProcessRecord {
  return {
    name: inputs.name,
    kind: kindIn(inputs),
    ...started,
    ...endpointOf(inputs),
    logFile: processPaths(inputs.directory, inputs.name).logFile,
    since: new Date().toISOString(),
    urn,
  };
}

/** Why a process did not start, with the property that chose what runs in it. */
export function failureText(inputs: ProcessInputs, error: unknown): string {
  return `${programProperty(inputs)}: the process "${inputs.name}" ${messageOf(error)}`;
}

/** A reason with the last lines that the process wrote. */
export function withLastLines(reason: string, lines: readonly string[], logFile: string): string {
  const shown =
    lines.length === 0
      ? "It wrote nothing."
      : `Its last lines:${lines.map((line) => `\n  | ${line}`).join("")}`;
  return `${reason}. ${shown}\nThe whole of it is in ${logFile}`;
}
