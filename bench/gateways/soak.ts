import { table } from "../../cli/table.ts";
import type { Contender } from "./contenders.ts";
import type { Generator } from "./generator.ts";
import { mebibytes } from "./report.ts";

/** How many figures are shown. */
const STEPS = 10;

/** Growth that is taken for none: what the collector leaves lying about from one moment to the next. */
const FLAT = 1.1;

/** Calls one gateway by 16 clients for so long, and shows what becomes of its memory, as a table. */
export async function soak(
  { target, program }: Contender,
  generator: Generator,
  milliseconds: number,
): Promise<string> {
  const rest = await program.memory();
  const rows = [["0", "", "", mebibytes(rest)]];
  const memory: number[] = [];
  let calls = 0;
  let wrong = 0;
  for (let step = 1; step <= STEPS; step++) {
    const load = { what: "small", clients: 16, milliseconds: milliseconds / STEPS } as const;
    const measured = await generator.run({ ...load, target });
    calls += measured.calls;
    wrong += measured.wrong;
    memory.push(await program.memory());
    const minutes = ((milliseconds / STEPS) * step) / 60_000;
    rows.push([minutes.toFixed(1), String(calls), String(wrong), mebibytes(memory.at(-1) ?? 0)]);
  }
  const half = Math.max(...memory.slice(0, STEPS / 2));
  const whole = Math.max(...memory.slice(STEPS / 2));
  const verdict = whole <= half * FLAT ? "flat" : "not flat";
  return [
    table(["MINUTES", "CALLS", "WRONG", "MEMORY"], rows),
    "",
    `Memory is ${verdict}: at most ${mebibytes(half)} in the first half, ${mebibytes(whole)} in the second.`,
  ].join("\n");
}
