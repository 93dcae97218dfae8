import { type ChildProcess, spawn } from "node:child_process";
import { openSync } from "node:fs";
import { readFile } from "node:fs/promises";
import net from "node:net";
import { setTimeout } from "node:timers/promises";

/** A program that was started, and what it costs. */
export interface Program {
  /** Time on a processor so far, in milliseconds. */
  cpu(): Promise<number>;
  /** Memory that it holds now, in bytes. */
  memory(): Promise<number>;
  end(): Promise<void>;
}

/** Longest time for a program to listen, in milliseconds. */
const START_MS = 60_000;

/** Of Linux: ticks a second in /proc, and bytes of a page. */
const TICKS = 100;
const PAGE = 4096;

/**
 * Starts a program, and waits until it listens.
 *
 * @param log file for its output: what it writes while it works is a part of what it costs.
 */
export async function startProgram(
  [command = "", ...args]: readonly string[],
  { port, log }: { port: number; log: string },
): Promise<Program> {
  const out = openSync(log, "a");
  const child = spawn(command, args, { stdio: ["ignore", out, out] });
  const failed = new Promise<never>((_, reject) => {
    child.once("error", reject);
    child.once("exit", (code, signal) => reject(new Error(`ended with ${code ?? signal}`)));
  });
  failed.catch(() => {});
  try {
    await Promise.race([listens(port), failed]);
  } catch (error) {
    child.kill("SIGKILL");
    const said = (await readFile(log, "utf8").catch(() => "")).trim().split("\n").at(-1) ?? "";
    throw new Error(`${error instanceof Error ? error.message : error}; it said: ${said.slice(0, 200)}`);
  }
  const pid = child.pid ?? 0;
  return {
    cpu: async () => {
      const fields = await statOf(pid);
      return ((Number(fields[11]) + Number(fields[12])) * 1000) / TICKS;
    },
    memory: async () => Number((await statOf(pid))[21]) * PAGE,
    end: () => ended(child),
  };
}

/** Fields of /proc/PID/stat from the third one on: the second, the program's name, may hold anything. */
async function statOf(pid: number): Promise<string[]> {
  // Without /proc (macOS) there is no figure, which is better than no bench.
  const text = await readFile(`/proc/${pid}/stat`, "utf8").catch(() => "");
  return text.slice(text.lastIndexOf(")") + 2).split(" ");
}

async function listens(port: number): Promise<void> {
  const deadline = performance.now() + START_MS;
  while (!(await accepts(port))) {
    if (performance.now() > deadline) throw new Error(`does not listen within ${START_MS / 1000} s`);
    await setTimeout(20);
  }
}

function accepts(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = net.connect(port, "127.0.0.1");
    socket.once("connect", () => resolve(true)).once("error", () => resolve(false));
    socket.once("close", () => resolve(false)).once("connect", () => socket.destroy());
  });
}

async function ended(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const closed = new Promise((done) => child.once("close", done));
  child.kill("SIGTERM");
  const force = globalThis.setTimeout(() => child.kill("SIGKILL"), 5000);
  await closed;
  clearTimeout(force);
}
