import { execFileSync } from "node:child_process";
import { readdirSync, readFileSync } from "node:fs";

/** What tells one process from every other, also after its number has been given to a new one. */
export interface ProcessIdentity {
  /** Process id. */
  readonly pid: number;
  /** When the kernel started it, as {@link kernelStartTime} reads it. */
  readonly startedAt: string;
}

interface Stat {
  readonly state: string;
  readonly session: number;
  readonly threads: number;
  readonly startTicks: string;
}

function linuxStat(pid: number): Stat | undefined {
  try {
    const text = readFileSync(`/proc/${pid}/stat`, "utf8");
    // The program's name stands in parentheses and may itself contain spaces and parentheses.
    const fields = text.slice(text.lastIndexOf(")") + 2).split(" ");
    return {
      state: fields[0] ?? "",
      session: Number(fields[3]),
      threads: Number(fields[17]),
      startTicks: fields[19] ?? "",
    };
  } catch {
    return undefined;
  }
}

// Ticks count from the machine's start, so that they only mean something together with the boot they count from.
function bootId(): string {
  try {
    return readFileSync("/proc/sys/kernel/random/boot_id", "utf8").slice(0, 8);
  } catch {
    return "";
  }
}

/** The kernel's start time of a process that runs; `undefined` when there is none, or only its corpse. */
export function kernelStartTime(pid: number): string | undefined {
  if (process.platform === "linux") {
    const stat = linuxStat(pid);
    if (stat === undefined || stat.state === "X") return undefined;
    // A corpse, unless further threads are still at it: as long they hold its ports and files.
    if (stat.state === "Z" && stat.threads <= 1) return undefined;
    return `${stat.startTicks}@${bootId()}`;
  }
  try {
    const [state, ...started] = execFileSync("ps", ["-o", "state=,lstart=", "-p", String(pid)], {
      encoding: "utf8",
      stdio: ["ignore", "pipe", "ignore"],
    })
      .trim()
      .split(/\s+/);
    return state === undefined || state.startsWith("Z") ? undefined : started.join(" ");
  } catch {
    return undefined;
  }
}

/** Whether a process is there and stands still, as SIGSTOP leaves it: its port takes connections, and nobody answers. */
export function isStopped(pid: number): boolean {
  return process.platform === "linux" && linuxStat(pid)?.state === "T";
}

/** Whether exactly this process still runs. */
export function isAlive(identity: ProcessIdentity): boolean {
  return kernelStartTime(identity.pid) === identity.startedAt;
}

/** The environment variable that every process is started with, which its own processes inherit. */
export const markVariable = "MCP_INFRA_PROCESS";

/** Which process of the local target something belongs to: its identity, and which start of it. */
export interface ProcessMark {
  readonly directory: string;
  readonly name: string;
  readonly instance: string;
}

/** The value of {@link markVariable}. */
export function markText({ directory, name, instance }: ProcessMark): string {
  return `${instance}:${name}:${directory}`;
}

/**
 * Which process of the local target this one is or was started by, whatever has become of its record. Only Linux
 * can tell; elsewhere nothing is claimed.
 */
export function markOf(pid: number): ProcessMark | undefined {
  const variables = textOf(`/proc/${pid}/environ`).split("\0");
  const mark = variables.find((variable) => variable.startsWith(`${markVariable}=`));
  const parts = mark === undefined ? null : /^[^=]+=([^:]+):([^:]+):(.+)$/s.exec(mark);
  const [, instance, name, directory] = parts ?? [];
  if (instance === undefined || name === undefined || directory === undefined) return undefined;
  return { instance, name, directory };
}

/** Processes that one of ours has started and left behind: they carry its mark. */
export function descendantsOf(instance: string): number[] {
  if (process.platform !== "linux") return [];
  return readdirSync("/proc")
    .filter((entry) => /^\d+$/.test(entry))
    .map(Number)
    .filter((pid) => pid !== process.pid && markOf(pid)?.instance === instance)
    .filter((pid) => kernelStartTime(pid) !== undefined);
}

/**
 * Whether a process is one of ours or was started by it: by its mark or, for one started without our environment,
 * by the session, of which each of ours leads its own.
 */
export function belongsTo(
  pid: number,
  started: { readonly pid: number; readonly instance: string },
): boolean {
  return markOf(pid)?.instance === started.instance || linuxStat(pid)?.session === started.pid;
}

function textOf(path: string): string {
  try {
    return readFileSync(path, "utf8");
  } catch {
    return "";
  }
}
