import { readFileSync } from "node:fs";
import { UserError } from "./project.ts";
import { localProcesses } from "./runtime.ts";

/** Prints the last lines of one process's log, or of each. */
export function logs(stack: string | undefined, name: string | undefined, lines: string): void {
  const count = Number(lines);
  if (!Number.isInteger(count) || count < 1)
    throw new UserError(`--lines is "${lines}"; give a whole number from 1.`);
  const records = localProcesses(stack);
  const chosen = name === undefined ? records : records.filter((record) => record.name === name);
  if (chosen.length === 0) {
    const names = records.map((record) => record.name).join(", ");
    throw new UserError(
      name === undefined
        ? "Nothing runs here."
        : `There is no process "${name}"; there is ${names || "none"}.`,
    );
  }
  for (const record of chosen) {
    if (chosen.length > 1) process.stdout.write(`==> ${record.name} <==\n`);
    process.stdout.write(record.damaged ? `${record.reason}\n` : lastLines(record.logFile, count));
  }
}

function lastLines(file: string, count: number): string {
  try {
    const all = readFileSync(file, "utf8").trimEnd().split("\n");
    return `${all.slice(-count).join("\n")}\n`;
  } catch {
    process.exitCode = 1;
    return `The log ${file} can't be read.\n`;
  }
}
