import { mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import path from "node:path";
import { recordFile } from "./file.ts";
import { ReleaseError } from "./record.ts";

/**
 * Does what changes a stack's release, while nobody else here does. Whoever was interrupted has changed nothing that counts,
 * so the mark of a process that is no more is taken over.
 *
 * @throws ReleaseError when somebody else is at it
 */
export async function exclusively<T>(project: string, stack: string, work: () => Promise<T>): Promise<T> {
  const name = `${recordFile(stack)}.lock`;
  const file = path.join(project, name);
  mkdirSync(path.dirname(file), { recursive: true });
  if (!marked(file)) {
    const holder = holderOf(file);
    if (holder !== undefined && alive(holder))
      throw new ReleaseError(
        `process ${holder} is changing the release of ${stack} just now: wait for it, or delete ${name} if it does nothing of the kind`,
      );
    rmSync(file, { force: true });
    if (!marked(file)) throw new ReleaseError(`another process was faster at the release of ${stack}: wait`);
  }
  try {
    return await work();
  } finally {
    if (holderOf(file) === process.pid) rmSync(file, { force: true });
  }
}

function marked(file: string): boolean {
  try {
    writeFileSync(file, String(process.pid), { flag: "wx" });
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "EEXIST") return false;
    throw error;
  }
}

function holderOf(file: string): number | undefined {
  try {
    return Number(readFileSync(file, "utf8")) || undefined;
  } catch {
    return undefined;
  }
}

function alive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === "EPERM";
  }
}
