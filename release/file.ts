import { mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import path from "node:path";
import { hashOf, parseRecord, ReleaseError, type ReleaseRecord, renderRecord } from "./record.ts";

/** Where a project has its releases: under version control, beside Pulumi.yaml. */
export const releasesDirectory = "releases";

/** The file of a stack's record, relative to the project. */
export function recordFile(stack: string): string {
  return path.join(releasesDirectory, `${stack}.json`);
}

/** The file of the statement about a stack's release, relative to the project. */
export function statementFile(stack: string): string {
  return path.join(releasesDirectory, `${stack}.intoto.json`);
}

/**
 * Reads a stack's record; `undefined` when there is none.
 *
 * @param file relative to the project
 * @throws ReleaseError
 */
export function readRecord(
  project: string,
  stack: string,
  file = recordFile(stack),
): ReleaseRecord | undefined {
  const text = readText(path.resolve(project, file), file);
  return text === undefined ? undefined : parseRecord(text, file, stack);
}

/** Reads a record that was replaced, by its hash. @throws ReleaseError */
export function readEarlier(project: string, stack: string, sha256: string): ReleaseRecord {
  const file = historyFile(stack, sha256);
  const text = readText(path.join(project, file), file);
  if (text === undefined)
    throw new ReleaseError(`${file}, the release before, is gone: restore it from version control`);
  const record = parseRecord(text, file, stack);
  if (hashOf(record) !== sha256)
    throw new ReleaseError(`${file} is not what was released: restore it from version control`);
  return record;
}

/** Writes a stack's record, and keeps the one that it names as the release before. Readers see the old or the new, never half. */
export function writeRecord(project: string, record: ReleaseRecord): void {
  const replaced = readRecord(project, record.stack);
  if (replaced && record.previous === hashOf(replaced))
    writeWhole(path.join(project, historyFile(record.stack, hashOf(replaced))), renderRecord(replaced));
  writeWhole(path.join(project, recordFile(record.stack)), renderRecord(record));
}

/** Writes a file that a reader sees whole or not at all. */
export function writeWhole(file: string, text: string): void {
  const draft = `${file}.${process.pid}`;
  try {
    mkdirSync(path.dirname(file), { recursive: true });
    writeFileSync(draft, text);
    renameSync(draft, file);
  } catch (error) {
    rmSync(draft, { force: true });
    throw new ReleaseError(`${file} can't be written (${(error as NodeJS.ErrnoException).code})`);
  }
}

function historyFile(stack: string, sha256: string): string {
  return path.join(releasesDirectory, "history", stack, `${sha256}.json`);
}

function readText(absolute: string, file: string): string | undefined {
  try {
    return readFileSync(absolute, "utf8");
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === "ENOENT") return undefined;
    throw new ReleaseError(`${file} can't be read (${code})`);
  }
}
