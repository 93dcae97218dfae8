import { randomUUID } from "node:crypto";
import { setTimeout as delay } from "node:timers/promises";
import { maskerOf } from "../../../model/masking.ts";
import { answeredByAnother, untilItAnswers } from "./answering.ts";
import { commandLineOf } from "./command-line.ts";
import { PlainError } from "./faults.ts";
import { descendantsOf, isAlive, kernelStartTime, type ProcessIdentity } from "./identity.ts";
import type { ProcessInputs } from "./inputs.ts";
import { launch } from "./launch.ts";
import { lastLines, openLog } from "./log-file.ts";
import {
  failureText,
  makeDirectories,
  recordOf,
  takenPort,
  withLastLines,
  writeFiles,
} from "./preparation.ts";
import { type ProcessRecord, readRecord, removeRecord, writeRecord } from "./records.ts";
import { removeSockets } from "./runtime-directory.ts";

const pollMilliseconds = 50;
const termDeadlineMilliseconds = 10_000;
// A little more than that, for the end itself.
const endMilliseconds = 2_000;
const killDeadlineMilliseconds = 5_000;
const shownLines = 10;

/**
 * Starts a process that outlives this one and waits until it answers in MCP. When it doesn't, the error says
 * why and nothing of it is left running; its record then tells later previews which process has ended.
 *
 * @param restartOf the instance that the state knows, where the same is started again without Pulumi.
 */
export async function startProcess(
  urn: string,
  inputs: ProcessInputs,
  secrets: readonly string[],
  restartOf?: string,
): Promise<ProcessRecord> {
  const paths = makeDirectories(inputs);
  await endLeftOver(inputs);
  const instance = randomUUID();
  const commandLine = await commandLineOf(inputs, paths, instance);
  const taken = await takenPort(inputs);
  if (taken !== undefined) throw new PlainError(taken);
  writeFiles(inputs, paths);
  removeSockets(inputs.directory, inputs.name);

  const log = openLog(paths.logFile);
  const { pid, startedAt, ended } = launch(commandLine, log.descriptor);
  try {
    if (pid === undefined || startedAt === undefined) {
      throw new PlainError((await Promise.race([ended, delay(1_000)])) ?? "could not be started");
    }
    const record = {
      ...recordOf(urn, inputs, { pid, startedAt, instance }),
      ...(restartOf && { restartOf }),
    };
    // Before it is known to work: should this run be interrupted, the next one sees that by the starter and ends it.
    writeRecord(inputs.directory, { ...record, starter: ourselves() });
    await untilItAnswers(inputs, record, ended);
    if (answeredByAnother(inputs, record)) throw new PlainError("does not listen on its port itself");
    writeRecord(inputs.directory, record);
    return record;
  } catch (error) {
    if (pid !== undefined && startedAt !== undefined) await stopProcess({ pid, startedAt, instance });
    // Another program that has the port now is the reason, whatever ours made of it.
    const reason = (await takenPort(inputs)) ?? failureText(inputs, error);
    const lines = lastLines(paths.logFile, log.offset, shownLines);
    throw new PlainError(maskerOf(secrets)(withLastLines(reason, lines, paths.logFile)));
  }
}

/**
 * Ends a process, if it is still the one that was started: politely, then by force, with whatever it has
 * started itself.
 *
 * @param drainMilliseconds how long it may go on with what is under way.
 */
export async function stopProcess(
  wanted: ProcessIdentity & { readonly instance: string },
  drainMilliseconds = termDeadlineMilliseconds,
): Promise<void> {
  if (isAlive(wanted)) {
    signal(wanted.pid, "SIGTERM");
    signal(wanted.pid, "SIGCONT"); // one that was stopped heeds nothing before it goes on
    if (!(await gone(wanted, drainMilliseconds + endMilliseconds))) {
      // It leads a group of its own, so this reaches its children too.
      signal(-wanted.pid, "SIGKILL");
      if (!(await gone(wanted, killDeadlineMilliseconds))) {
        throw new PlainError(
          `the process ${wanted.pid} can't be ended, not even by SIGKILL; see \`ps -o stat,wchan -p ${wanted.pid}\``,
        );
      }
    }
  }
  for (const pid of descendantsOf(wanted.instance)) signal(pid, "SIGKILL");
}

/** Ends what an interrupted run has left of the process with the same directory and name. */
async function endLeftOver(inputs: ProcessInputs): Promise<void> {
  const record = readRecord(inputs.directory, inputs.name);
  if (record?.damaged) removeRecord(inputs.directory, inputs.name);
  else if (record !== undefined) await stopProcess(record);
}

function ourselves(): ProcessIdentity {
  return { pid: process.pid, startedAt: kernelStartTime(process.pid) ?? "" };
}

async function gone(identity: ProcessIdentity, milliseconds: number): Promise<boolean> {
  const deadline = Date.now() + milliseconds;
  while (isAlive(identity)) {
    if (Date.now() > deadline) return false;
    await delay(pollMilliseconds);
  }
  return true;
}

function signal(pid: number, name: NodeJS.Signals): void {
  try {
    process.kill(pid, name);
  } catch {
    // It has ended by itself in the meantime.
  }
}
