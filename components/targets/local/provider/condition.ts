import { lstatSync } from "node:fs";
import { z } from "zod";
import { isAlive } from "./identity.ts";
import { type ProcessRecord, readRecord } from "./records.ts";
import { processPaths } from "./runtime-directory.ts";

/** The status of a process that is as it was left. */
export const running = "running";

/** What a real process is found to be. */
export interface Condition {
  /** {@link running}, or what is wrong and what an update does about it. */
  readonly status: string;
  /** Whether an update has to start it again; without, writing its record is enough. */
  readonly restart: boolean;
}

/** What the state keeps of a process, as far as it is needed to find that process again. */
export const identitySchema = z.object({
  pid: z.int(),
  startedAt: z.string(),
  instance: z.string(),
  directory: z.string(),
  name: z.string(),
});

/**
 * Looks at a real process: whether it runs and still has the files that it lives by.
 * `known` is what the state says of it; without, its own record has to do.
 */
export function conditionOf(
  target: { directory: string; name: string; kind: ProcessRecord["kind"] },
  known?: { pid: number; startedAt: string; instance: string },
): Condition {
  const paths = processPaths(target.directory, target.name);
  const record = readRecord(target.directory, target.name);
  const usable = record !== undefined && !record.damaged ? record : undefined;
  const identity = known ?? usable;
  if (identity === undefined) {
    return { status: `its record ${paths.record} is gone or damaged; it is written again`, restart: true };
  }
  if (!isAlive(identity))
    return { status: `not running (pid ${identity.pid} has ended); it is started again`, restart: true };
  const [needed, what] = neededFile(target.kind, paths);
  if (needed !== undefined && lstatSync(needed, { throwIfNoEntry: false }) === undefined) {
    return { status: `its ${what} ${needed} is gone; it is started again`, restart: true };
  }
  if (usable?.instance !== identity.instance) {
    return { status: `its record ${paths.record} is gone or damaged; it is written again`, restart: false };
  }
  return { status: running, restart: false };
}

function neededFile(kind: ProcessRecord["kind"], paths: { socket: string; gatewayConfig: string }) {
  if (kind === "server-stdio") return [paths.socket, "socket"] as const;
  return kind === "gateway" ? ([paths.gatewayConfig, "configuration"] as const) : ([undefined, ""] as const);
}
