import { type ChildProcess, type SpawnOptions, spawn } from "node:child_process";

const children = new Set<ChildProcess>();

/** As long as the official host gives a program to end by itself. */
const grace = 5_000;

/** Starts a child that does not outlive this host. */
export function start(command: string, args: readonly string[], options: SpawnOptions): ChildProcess {
  const child = spawn(command, args, options);
  children.add(child);
  child.on("close", () => children.delete(child));
  return child;
}

/** Asks a child to end, and ends it when it does not. */
export function stop(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return Promise.resolve();
  const ended = new Promise<void>((resolve) => void child.once("exit", () => resolve()));
  child.kill("SIGINT");
  const timer = setTimeout(() => child.kill("SIGKILL"), grace);
  return ended.finally(() => clearTimeout(timer));
}

export async function stopAll(): Promise<void> {
  await Promise.all([...children].map(stop));
}
