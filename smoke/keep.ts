import { mkdir, rename, writeFile } from "node:fs/promises";
import path from "node:path";
import type { SmokeReport } from "./report.ts";

/**
 * Keeps a report as a file that only its owner may read; the gateway makes metrics of it. A reader sees the old
 * report or the new, never half of one.
 */
export async function keepSmokeReport(file: string, report: SmokeReport): Promise<void> {
  await mkdir(path.dirname(file), { recursive: true, mode: 0o700 });
  const draft = `${file}.${process.pid}`;
  await writeFile(draft, `${JSON.stringify(report, undefined, 2)}\n`, { mode: 0o600 });
  await rename(draft, file);
}
