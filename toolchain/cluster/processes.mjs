// @ts-check
import { spawn } from "node:child_process";
import { closeSync, mkdirSync, openSync, readFileSync, writeFileSync } from "node:fs";
import { readdir, readFile, rm } from "node:fs/promises";
import { basename, join } from "node:path";
import { setTimeout } from "node:timers/promises";

/**
 * A program to start. Its output goes to a file `<name>.log`.
 * @typedef {{ name: string, command: string, args: string[] }} Program
 */

/** Nothing of the user's environment: a proxy or a KUBECONFIG that is set there is not meant for the cluster. */
function environment(/** @type {NodeJS.ProcessEnv} */ extra = {}) {
  return { PATH: process.env.PATH, HOME: "/root", LANG: "C.UTF-8", ...extra };
}

/**
 * Starts a program that outlives this process, and records it in `directory`/processes.
 * @param {Program & { directory: string, env?: NodeJS.ProcessEnv }} program
 * @returns {number} its process id
 */
export function startDetached({ name, command, args, directory, env }) {
  const records = join(directory, "processes");
  mkdirSync(records, { recursive: true });
  const log = openSync(join(directory, `${name}.log`), "a");
  const child = spawn(command, args, {
    detached: true,
    stdio: ["ignore", log, log],
    env: environment(env),
    cwd: "/",
  });
  closeSync(log);
  child.unref();
  if (!child.pid) throw new Error(`Could not start ${command}`);
  // At once, in the same turn: whatever ends this process from here on, the next one knows what to stop.
  writeFileSync(join(records, name), `${child.pid} ${identity(child.pid)}`);
  return child.pid;
}

/**
 * Starts programs that end, and whose directory goes, when this process ends, in whatever way: a shell holds them
 * that waits for the end of its input, and the other end of that is here.
 * @param {Program[]} programs
 * @param {string} directory
 */
export function startTethered(programs, directory) {
  const quoted = (/** @type {string} */ text) => `'${text.replaceAll("'", `'\\''`)}'`;
  const script = [
    ...programs.map(({ name, command, args }) => {
      const line = [command, ...args].map(quoted).join(" ");
      return `${line} >${quoted(join(directory, `${name}.log`))} 2>&1 </dev/null & pids="$pids $!"`;
    }),
    "read -r _",
    "kill -KILL $pids",
    "wait 2>/dev/null",
    `rm -rf ${quoted(directory)}`,
  ].join("\n");
  const child = spawn("sh", ["-c", script], {
    detached: true, // Ctrl-C in a terminal is for us; we tell them.
    stdio: ["pipe", "ignore", "ignore"],
    env: environment(),
    cwd: "/",
  });
  child.unref();
  /** @type {Promise<void>} */
  const ended = new Promise((resolve) => child.on("exit", () => resolve()));
  return {
    stop: async () => {
      child.ref();
      child.stdin.end();
      await ended;
    },
  };
}

/** The recorded processes: which run, and which don't any more. */
export async function recorded(/** @type {string} */ directory) {
  const records = join(directory, "processes");
  const names = await readdir(records).catch(() => []);
  return Promise.all(
    names.map(async (name) => {
      const [, pid = "", wanted] = (await readFile(join(records, name), "utf8")).match(/^(\d+) (.*)$/) ?? [];
      return { name, pid: Number(pid), runs: pid !== "" && identity(Number(pid)) === wanted };
    }),
  );
}

/** Ends the recorded processes, and returns when they are gone. */
export async function stopRecorded(/** @type {string} */ directory) {
  for (const { pid, runs } of await recorded(directory)) if (runs) process.kill(pid, "SIGKILL");
  const deadline = Date.now() + 20_000;
  while (true) {
    const left = (await recorded(directory)).filter(({ runs }) => runs);
    if (left.length === 0) break;
    if (Date.now() > deadline) {
      throw new Error(`These did not end: ${left.map(({ name, pid }) => `${name} (${pid})`).join(", ")}`);
    }
    await setTimeout(20);
  }
  await rm(join(directory, "processes"), { recursive: true, force: true });
}

/**
 * What tells a process from a later one with the same id: the boot, and its start time in it. Empty for one that
 * is gone or a zombie.
 */
function identity(/** @type {number} */ pid) {
  try {
    const boot = readFileSync("/proc/sys/kernel/random/boot_id", "utf8").trim();
    // The program's name, in parentheses, may hold anything; what counts comes after it.
    const fields = readFileSync(`/proc/${pid}/stat`, "utf8").split(") ").at(-1)?.split(" ") ?? [];
    return fields[0] === "Z" ? "" : `${boot} ${fields[19]}`;
  } catch {
    return "";
  }
}

/** The end of each log, for the message when something did not start. */
export async function lastWords(/** @type {string} */ directory, lines = 6) {
  const logs = (await readdir(directory).catch(() => [])).filter((name) => name.endsWith(".log"));
  const ends = await Promise.all(
    logs.map(async (name) => {
      const text = (await readFile(join(directory, name), "utf8")).trimEnd().split("\n").slice(-lines);
      return `--- ${basename(name, ".log")}\n${text.join("\n")}`;
    }),
  );
  return ends.join("\n");
}

/**
 * Asks until the answer is not undefined. A question that throws is asked again too; its error is in the message
 * when the time is over.
 * @template T
 * @param {string} what
 * @param {number} seconds
 * @param {() => Promise<T | undefined>} question
 */
export async function waitFor(what, seconds, question) {
  const deadline = Date.now() + seconds * 1000;
  let problem = "";
  while (Date.now() < deadline) {
    try {
      const answer = await question();
      if (answer !== undefined) return answer;
    } catch (error) {
      problem = `: ${error instanceof Error ? error.message : error}`;
    }
    await setTimeout(50);
  }
  throw new Error(`${what}: not after ${seconds} s${problem}`);
}
