import { localProcesses } from "./runtime.ts";
import { table } from "./table.ts";

/** Prints what runs; exits with 1 when something that should run doesn't. */
export function status(stack: string | undefined): void {
  const records = localProcesses(stack);
  if (records.length === 0) {
    process.stdout.write("Nothing runs here.\n");
    return;
  }
  const rows = records.map((record) =>
    record.damaged
      ? [record.name, "", "unknown", "", record.reason]
      : [
          record.name,
          record.kind,
          record.alive ? "running" : "dead",
          record.alive ? String(record.pid) : "",
          record.reason ?? record.socket ?? record.url,
        ],
  );
  process.stdout.write(`${table(["NAME", "KIND", "STATUS", "PID", "WHERE"], rows)}\n`);
  const failing = records.filter(({ alive }) => !alive);
  if (failing.length === 0) return;
  process.exitCode = 1;
  const dead = failing.filter(({ damaged }) => !damaged).map(({ name }) => name);
  if (dead.length === 0) return;
  process.stdout.write(
    `\nNot running: ${dead.join(", ")}. \`pulumi preview\` shows it, \`pulumi up\` brings it back.\n`,
  );
}
