import { lstatSync } from "node:fs";
import { z } from "zod";
import { isAlive, isStopped } from "./identity.ts";
import { isInterrupted, type ProcessRecord, readRecord, startedProcessSchema } from "./records.ts";
import { processPaths } from "./runtime-directory.ts";
import { secretFilesOf } from "./secret-files.ts";
import type { Properties } from "./values.ts";

/** The status of a process that is as it was left. */
export const running = "running";

/** What a real process is found to be. */
export interface Condition {
  /** {@link running}, or what is wrong and what an update does about it. */
  readonly status: string;
  /** Whether an update has to start it again; without, writing its record is enough. */
  readonly restart: boolean;
}

/** What the state keeps of a process beside its inputs. */
export const processStateSchema = startedProcessSchema.extend({ directory: z.string() });

/** What the state keeps of a process beside its inputs. */
export type ProcessState = z.infer<typeof processStateSchema>;

/** Looks at the real process behind a state: whether it runs and still has the files that it lives by. */
export function conditionOfState(properties: Properties): Condition {
  const state = processStateSchema.parse(properties);
  return conditionOf(state, properties, state);
}

/** The same where only inputs are at hand, as in `check`: the process's own record has to do then. */
export function conditionOfInputs(inputs: Properties): Condition {
  const identity = processStateSchema.pick({ directory: true, name: true }).parse(inputs);
  const record = usableRecord(identity);
  if (record !== undefined && isInterrupted(record) && isAlive(record)) {
    return { status: "interrupted while it was started; it is started again", restart: true };
  }
  if (record !== undefined) return conditionOf(identity, inputs, record);
  return missingPart(identity, inputs) ?? recordGone(identity, true);
}

/** The word for what a process is, from its inputs or state. */
export function kindIn(values: Properties): ProcessRecord["kind"] {
  if (values.gateway !== undefined) return "gateway";
  return values.http === undefined ? "server-stdio" : "server-http";
}

type Identity = Pick<ProcessState, "directory" | "name">;
type Known = Pick<ProcessState, "pid" | "startedAt" | "instance" | "socket">;

function conditionOf(identity: Identity, properties: Properties, known: Known): Condition {
  if (!isAlive(known)) {
    const restarted = usableRecord(identity);
    if (restarted?.restartOf === known.instance && isAlive(restarted))
      return conditionOf(identity, properties, restarted);
    return { status: `not running (pid ${known.pid} has ended); it is started again`, restart: true };
  }
  if (isStopped(known.pid)) {
    return { status: `stopped by a signal (pid ${known.pid}); it is started again`, restart: true };
  }
  const missing = missingPart(identity, { ...properties, socket: known.socket });
  if (missing !== undefined) return missing;
  if (usableRecord(identity)?.instance !== known.instance) return recordGone(identity, false);
  return { status: running, restart: false };
}

/** A process whose directory was removed goes on in one that no path leads to: only a new start helps. */
function missingPart({ directory, name }: Identity, properties: Properties): Condition | undefined {
  const paths = processPaths(directory, name);
  const { run, data, gatewayConfig } = paths;
  const needed: readonly (readonly [what: string, path: unknown])[] = [
    ["directory", run],
    ["data directory", properties.storage === true ? data : undefined],
    ["configuration", properties.gateway === undefined ? undefined : gatewayConfig],
    ["socket", properties.socket],
    ...secretFilesOf(properties, paths).map(({ path }) => ["secret", path] as const),
  ];
  const gone = needed.find(
    ([, path]) => typeof path === "string" && lstatSync(path, { throwIfNoEntry: false }) === undefined,
  );
  return gone && { status: `its ${gone[0]} ${gone[1]} is gone; it is started again`, restart: true };
}

function usableRecord({ directory, name }: Identity): ProcessRecord | undefined {
  const record = readRecord(directory, name);
  return record === undefined || record.damaged ? undefined : record;
}

function recordGone({ directory, name }: Identity, restart: boolean): Condition {
  const { record } = processPaths(directory, name);
  return { status: `its record ${record} is gone or damaged; it is written again`, restart };
}
