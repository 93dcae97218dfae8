import { spawn } from "node:child_process";
import { closeSync } from "node:fs";
import type { CommandLine } from "./command-line.ts";
import { kernelStartTime } from "./identity.ts";

/** A process that was started and that nobody knows yet to work. */
export interface Launched {
  /** Its identity; absent when it ended at once, or could not be started at all. */
  readonly pid?: number;
  readonly startedAt?: string;
  /** Resolves with how it ended, in words, as soon as it does. */
  readonly ended: Promise<string>;
}

/** Starts a process that outlives this one; `log` is the open file that its output goes to, and is closed here. */
export function launch({ command, args, cwd, env }: CommandLine, log: number): Launched {
  try {
    // Detached: a session of its own, which the end of `pulumi up` and of the terminal does not reach.
    const child = spawn(command, args, { cwd, env, detached: true, stdio: ["ignore", log, log] });
    child.unref();
    const ended = new Promise<string>((resolve) => {
      child.once("error", (error) => resolve(`could not be started: ${error.message}`));
      child.once("exit", (code, signal) => resolve(endText(code, signal)));
    });
    return { ...identified(child.pid), ended };
  } finally {
    closeSync(log);
  }
}

/** How a process ended that should not have, in words. */
export function endText(code: number | null, signal: string | null): string {
  return `ended ${signal === null ? `with exit code ${code}` : `by ${signal}`} before it answered in MCP`;
}

/** The identity of a process that has just been started, if it still runs. */
export function identified(pid: number | undefined): Pick<Launched, "pid" | "startedAt"> {
  const startedAt = pid === undefined ? undefined : kernelStartTime(pid);
  return startedAt === undefined ? {} : { pid, startedAt };
}
