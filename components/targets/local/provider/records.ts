import { existsSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { z } from "zod";
import { isAlive, isStopped } from "./identity.ts";

/** What runs in a process of the local target. */
export const processKindSchema = z.enum(["server-stdio", "server-http", "gateway"]);

/** What there is to know of a process that was started: enough to find it again. */
export const startedProcessSchema = z.object({
  name: z.string(),
  pid: z.int().positive(),
  /** When the kernel started it: with `pid`, its identity. */
  startedAt: z.string(),
  instance: z.string(),
  url: z.string(),
  socket: z.string().optional(),
  logFile: z.string(),
  /** When it was started, in ISO 8601. */
  since: z.string(),
});

/** What there is to know of a process that was started. */
export type StartedProcess = z.infer<typeof startedProcessSchema>;

const recordSchema = startedProcessSchema.extend({
  kind: processKindSchema,
  /** The resource that runs it, so that two never fight over one process. */
  urn: z.string(),
  /** Where a drill has killed the one before: the instance that the state knows, which this one is a restart of. */
  restartOf: z.string().optional(),
  /** While its start is not finished: the process that starts it. */
  starter: z.object({ pid: z.int().positive(), startedAt: z.string() }).optional(),
});

/** What is written beside a process so that others, and later runs, find it. Holds no secret. */
export type ProcessRecord = z.infer<typeof recordSchema>;

/**
 * A record as read: of a process, with whether it runs as it should and otherwise why not, or a damaged file and what
 * to do about it.
 */
export type ReadRecord =
  | (ProcessRecord & { readonly damaged: false; readonly alive: boolean; readonly reason?: string })
  | { readonly damaged: true; readonly name: string; readonly alive: false; readonly reason: string };

/** Reads the record of one process; `undefined` when there is none. */
export function readRecord(directory: string, name: string): ReadRecord | undefined {
  const path = join(directory, "processes", `${name}.json`);
  let text: string;
  try {
    text = readFileSync(path, "utf8");
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code;
    if (code === "ENOENT" || code === "ENOTDIR") return undefined;
    return damaged(name, path, code ?? "can't be read");
  }
  try {
    const record = recordSchema.parse(JSON.parse(text));
    if (record.name !== name) return damaged(name, path, `it names the process "${record.name}"`);
    const reason = reasonAgainst(record);
    return { ...record, damaged: false, alive: reason === undefined, ...(reason && { reason }) };
  } catch {
    return damaged(name, path, "it is not the JSON that was written");
  }
}

/** Whether the start of a process was never finished, and never will be. */
export function isInterrupted({ starter }: ProcessRecord): boolean {
  return starter !== undefined && !isAlive(starter);
}

function reasonAgainst(record: ProcessRecord): string | undefined {
  if (!isAlive(record)) return `pid ${record.pid} has ended`;
  if (isStopped(record.pid)) return `pid ${record.pid} is stopped (kill -CONT ${record.pid} lets it go on)`;
  if (isInterrupted(record)) return "interrupted while it was started";
  // One that is still being started has none yet.
  const { starter, socket } = record;
  if (starter === undefined && socket !== undefined && !existsSync(socket))
    return `runs as pid ${record.pid}, but can't be reached: its socket ${socket} is gone`;
  return undefined;
}

function damaged(name: string, path: string, why: string): ReadRecord {
  return {
    damaged: true,
    name,
    alive: false,
    reason: `${path} is damaged (${why}); run \`pulumi up\` to write it again`,
  };
}

/** Every process of a run-time directory, by name. A directory that isn't there has none. */
export function readRecords(directory: string): ReadRecord[] {
  let files: string[];
  try {
    files = readdirSync(join(directory, "processes"));
  } catch {
    return [];
  }
  return files
    .filter((file) => file.endsWith(".json"))
    .sort()
    .flatMap((file) => readRecord(directory, file.slice(0, -".json".length)) ?? []);
}

/** Writes the record of a process, whole or not at all. */
export function writeRecord(directory: string, record: ProcessRecord): void {
  writePrivateFile(
    join(directory, "processes", `${record.name}.json`),
    `${JSON.stringify(record, null, 2)}\n`,
  );
}

/** Removes the record of a process. */
export function removeRecord(directory: string, name: string): void {
  rmSync(join(directory, "processes", `${name}.json`), { force: true, recursive: true });
}

/** Writes a file that only we may read; a reader sees the old text or the new, never half of it. */
export function writePrivateFile(path: string, text: string): void {
  const temporary = `${path}.${process.pid}.tmp`;
  // Made new and by us: what is there already may be a link, or a file that others can read.
  rmSync(temporary, { force: true });
  writeFileSync(temporary, text, { mode: 0o600, flag: "wx" });
  renameSync(temporary, path);
}
