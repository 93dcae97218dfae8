import { cpus, totalmem } from "node:os";
import type { Run } from "../test/e2e/project.ts";

/** The machine, for the head of every table: figures mean nothing without it. */
export const machine = `${cpus().length} × ${cpus()[0]?.model.trim()}, ${Math.round(totalmem() / 2 ** 30)} GiB, Node ${process.version}`;

/** A failed run has no time. */
export async function succeeded(run: Promise<Run>): Promise<void> {
  const { exitCode, output } = await run;
  if (exitCode !== 0) throw new Error(output);
}

export async function seconds(action: () => Promise<void>): Promise<number> {
  const start = performance.now();
  await action();
  return (performance.now() - start) / 1_000;
}

export function median(values: number[]): number {
  return values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? Number.NaN;
}
