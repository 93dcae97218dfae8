import { type ChildProcess, spawn } from "node:child_process";
import { closeSync, openSync } from "node:fs";
import type { Server } from "node:http";
import { z } from "zod";

/** What a gateway is told of its successor. */
export const successorSchema = z.strictObject({
  command: z.string(),
  args: z.array(z.string()),
  cwd: z.string(),
  /** All of its environment. */
  env: z.record(z.string(), z.string()),
  /** Where its output goes. */
  logFile: z.string(),
  /** Where it is to listen. */
  listen: z.strictObject({ host: z.string(), port: z.int() }),
});

/** What a gateway is told of its successor. */
export type Successor = z.infer<typeof successorSchema>;

/** Starts a successor, which outlives this process, and hands it a listening socket when it is ready for that. */
export function startSuccessor(
  { command, args, cwd, env, logFile }: Successor,
  socket: Server | undefined,
): ChildProcess {
  const log = openSync(logFile, "a", 0o600);
  try {
    const child = spawn(command, args, { cwd, env, detached: true, stdio: ["ignore", log, log, "ipc"] });
    child.once("message", () => child.send("listen", socket));
    return child;
  } finally {
    closeSync(log);
  }
}
