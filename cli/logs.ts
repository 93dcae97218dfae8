import { UserError } from "./project.ts";
import { runtimeOf } from "./runtime.ts";

/** Prints the last lines of one server's or gateway's log, or of each. */
export async function logs(
  stack: string | undefined,
  name: string | undefined,
  lines: string,
): Promise<void> {
  const count = Number(lines);
  if (!Number.isInteger(count) || count < 1)
    throw new UserError(`--lines is "${lines}"; give a whole number from 1.`);
  const runtime = await runtimeOf(stack);
  const found = await runtime.logs(name, count);
  if (found.length === 0) throw new UserError("Nothing runs here.");
  for (const log of found) {
    if (found.length > 1) process.stdout.write(`==> ${log.name} <==\n`);
    process.stdout.write(log.text === "" ? "" : `${log.text}\n`);
    if (log.unreadable) process.exitCode = 1;
  }
}
