import { rmSync } from "node:fs";
import { join } from "node:path";
import type { ProcessInputs } from "./inputs.ts";
import { writePrivateFile } from "./records.ts";
import { makePrivateDirectory, type ProcessPaths } from "./runtime-directory.ts";
import { isRecord } from "./values.ts";

/** One secret that a process reads as a file. */
export interface SecretFile {
  /** The environment variable that holds the path. */
  readonly variable: string;
  readonly path: string;
}

/** The files of a process's secrets, from its inputs or state. */
export function secretFilesOf(
  { secretFiles }: { secretFiles?: unknown },
  { secrets }: Pick<ProcessPaths, "secrets">,
): SecretFile[] {
  const variables = isRecord(secretFiles) ? Object.keys(secretFiles) : [];
  return variables.map((variable) => ({ variable, path: join(secrets, variable) }));
}

/** Writes them before a start, those of the start before removed; they go with the process's directory. */
export function writeSecretFiles(inputs: ProcessInputs, paths: ProcessPaths): void {
  rmSync(paths.secrets, { recursive: true, force: true });
  const files = secretFilesOf(inputs, paths);
  if (files.length > 0) makePrivateDirectory(paths.secrets);
  for (const { variable, path } of files) writePrivateFile(path, inputs.secretFiles?.[variable] ?? "");
}
