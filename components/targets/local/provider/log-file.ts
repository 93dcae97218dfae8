import { closeSync, fstatSync, openSync, readSync, renameSync, statSync } from "node:fs";

const rotateAtBytes = 5 * 1024 * 1024;
const tailBytes = 16 * 1024;
// Another process may have filled far more while the one in question started.
const sharedTailBytes = 4 * 1024 * 1024;

/** A log file opened to be appended to, and where the new lines begin. */
export interface OpenLog {
  readonly descriptor: number;
  readonly offset: number;
}

/** Opens a log file, after moving one that has grown large to `.1`. */
export function openLog(path: string): OpenLog {
  const size = statSync(path, { throwIfNoEntry: false })?.size ?? 0;
  if (size > rotateAtBytes) renameSync(path, `${path}.1`);
  const descriptor = openSync(path, "a", 0o600);
  return { descriptor, offset: fstatSync(descriptor).size };
}

/** The last lines of a log that were written from an offset on; `wanted` chooses among those of several processes. */
export function lastLines(
  path: string,
  offset: number,
  count: number,
  wanted?: (line: string) => boolean,
): string[] {
  let descriptor: number;
  try {
    descriptor = openSync(path, "r");
  } catch {
    return [];
  }
  try {
    const size = fstatSync(descriptor).size;
    const start = Math.max(offset, size - (wanted ? sharedTailBytes : tailBytes));
    const buffer = Buffer.alloc(Math.max(0, size - start));
    readSync(descriptor, buffer, 0, buffer.length, start);
    const lines = buffer
      .toString("utf8")
      .split("\n")
      // Terminals obey control characters, and this is shown on one.
      .map((line) => line.replaceAll(/[^\P{Cc}\t]/gu, " ").trimEnd());
    // Half a line may begin with half a secret, which nothing could recognise.
    if (start > offset) lines.shift();
    return lines.filter((line) => line !== "" && (wanted?.(line) ?? true)).slice(-count);
  } finally {
    closeSync(descriptor);
  }
}
