import { runtimeOf } from "./runtime.ts";
import { table } from "./table.ts";

/** Prints what runs; exits with 1 when something that should run doesn't. */
export async function status(stack: string | undefined): Promise<void> {
  const runtime = await runtimeOf(stack);
  const { where = [], head, rows, failing, advice } = await runtime.status();
  if (where.length > 0) process.stdout.write(`${where.join("\n")}\n\n`);
  process.stdout.write(rows.length === 0 ? "Nothing runs here.\n" : `${table(head, rows)}\n`);
  if (failing) process.exitCode = 1;
  if (advice) process.stdout.write(`\n${advice}\n`);
}
