import { type ChildProcess, spawn } from "node:child_process";
import { randomUUID } from "node:crypto";
import { closeSync, rmSync } from "node:fs";
import { setTimeout as delay } from "node:timers/promises";
import { probe } from "../../../../gateway/probe.ts";
import { maskerOf } from "../../../model/masking.ts";
import { type CommandLine, commandLineOf } from "./command-line.ts";
import { kindIn } from "./condition.ts";
import { messageOf, PlainError } from "./faults.ts";
import { belongsTo, descendantsOf, isAlive, kernelStartTime, type ProcessIdentity } from "./identity.ts";
import type { ProcessInputs } from "./inputs.ts";
import { declaredPort, endpointOf, programProperty } from "./kinds.ts";
import { lastLines, openLog } from "./log-file.ts";
import { takenText } from "./port-check.ts";
import { listenersOn, portHolder } from "./ports.ts";
import { type ProcessRecord, readRecord, removeRecord, writePrivateFile, writeRecord } from "./records.ts";
import { makeProcessDirectories, type ProcessPaths, processPaths } from "./runtime-directory.ts";
import { writeSecretFiles } from "./secret-files.ts";

const pollMilliseconds = 50;
// A little more than the gateway gives the calls that are under way.
const termDeadlineMilliseconds = 12_000;
const portDeadlineMilliseconds = 2_000;
const killDeadlineMilliseconds = 5_000;
const shownLines = 10;
// Something that asks for a credential is up, and to ask for it with one is the smoke test's business.
const refusedUs = /HTTP 40[13]/;

/**
 * Starts a process that outlives this one and waits until it answers in MCP. When it doesn't, the error says
 * why and nothing of it is left running; its record then tells later previews which process has ended.
 */
export async function startProcess(
  urn: string,
  inputs: ProcessInputs,
  secrets: readonly string[],
): Promise<ProcessRecord> {
  const paths = processPaths(inputs.directory, inputs.name);
  makeProcessDirectories(paths, { storage: inputs.storage, socket: inputs.stdio !== undefined });
  await endLeftOver(inputs);
  const instance = randomUUID();
  const commandLine = await commandLineOf(inputs, paths, instance);
  const taken = await takenPort(inputs);
  if (taken !== undefined) throw new PlainError(taken);
  if (inputs.gateway !== undefined) {
    writePrivateFile(paths.gatewayConfig, `${JSON.stringify(inputs.gateway.config, null, 2)}\n`);
  }
  writeSecretFiles(inputs, paths);
  rmSync(paths.socket, { force: true });

  const log = openLog(paths.logFile);
  const child = spawnDetached(commandLine, log.descriptor);
  const ended = endOf(child);
  const startedAt = child.pid === undefined ? undefined : kernelStartTime(child.pid);
  try {
    if (child.pid === undefined || startedAt === undefined) {
      throw new PlainError((await Promise.race([ended, delay(1_000)])) ?? "could not be started");
    }
    const record = recordOf(urn, inputs, paths, { pid: child.pid, startedAt }, instance);
    // Before it is known to work: should this run be interrupted, the next one sees that by the starter and ends it.
    writeRecord(inputs.directory, { ...record, starter: ourselves() });
    await untilItAnswers(inputs, record, ended);
    writeRecord(inputs.directory, record);
    return record;
  } catch (error) {
    if (child.pid !== undefined && startedAt !== undefined) {
      await stopProcess({ pid: child.pid, startedAt, instance });
    }
    const lines = lastLines(paths.logFile, log.offset, shownLines).map((line) => `\n  | ${line}`);
    const shown = lines.length === 0 ? "It wrote nothing." : `Its last lines:${lines.join("")}`;
    // Another program that has the port now is the reason, whatever ours made of it.
    const reason =
      (await takenPort(inputs)) ??
      `${programProperty(inputs)}: the process "${inputs.name}" ${messageOf(error)}`;
    const text = `${reason}. ${shown}\nThe whole of it is in ${paths.logFile}`;
    throw new PlainError(maskerOf(secrets)(text));
  }
}

/**
 * Ends a process, if it is still the one that was started: politely, then by force, with whatever it has
 * started itself.
 */
export async function stopProcess(wanted: ProcessIdentity & { readonly instance: string }): Promise<void> {
  if (isAlive(wanted)) {
    signal(wanted.pid, "SIGTERM");
    if (!(await gone(wanted, termDeadlineMilliseconds))) {
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

/** That another program has the port of a process, in words; `undefined` when it is free. */
async function takenPort(inputs: ProcessInputs): Promise<string | undefined> {
  const declared = declaredPort(inputs);
  if (declared === undefined) return undefined;
  // The process that had it may have ended only just now.
  const deadline = Date.now() + portDeadlineMilliseconds;
  let holder = await portHolder(declared.port, declared.host);
  while (holder !== undefined && holder.pid === undefined && Date.now() < deadline) {
    await delay(pollMilliseconds);
    holder = await portHolder(declared.port, declared.host);
  }
  if (holder === undefined) return undefined;
  return `${declared.property}: ${takenText(declared.port, holder, inputs)}`;
}

function spawnDetached({ command, args, cwd, env }: CommandLine, log: number): ChildProcess {
  try {
    // Detached: a session of its own, which the end of `pulumi up` and of the terminal does not reach.
    const child = spawn(command, args, { cwd, env, detached: true, stdio: ["ignore", log, log] });
    child.unref();
    return child;
  } finally {
    closeSync(log);
  }
}

/** Resolves with how a process ended, in words, as soon as it does. */
function endOf(child: ChildProcess): Promise<string> {
  return new Promise((resolve) => {
    child.once("error", (error) => resolve(`could not be started: ${error.message}`));
    child.once("exit", (code, signal) => {
      resolve(
        `ended ${signal === null ? `with exit code ${code}` : `by ${signal}`} before it answered in MCP`,
      );
    });
  });
}

async function untilItAnswers(
  inputs: ProcessInputs,
  started: ProcessRecord,
  ended: Promise<string>,
): Promise<void> {
  const deadline = Date.now() + inputs.startTimeoutMs;
  const endpoint = endpointOf(inputs);
  let end: string | undefined;
  void ended.then((words) => {
    end = words;
  });
  let reason = "";
  while (Date.now() < deadline) {
    const asking = probe({ ...endpoint, timeoutMs: Math.max(1, Math.min(5_000, deadline - Date.now())) });
    const answer = await Promise.race([asking, ended]);
    if (typeof answer === "string") throw new PlainError(answer);
    if (answer.ok || (inputs.stdio === undefined && refusedUs.test(answer.reason))) {
      // An answer from a process that has just ended isn't worth anything.
      await delay(0);
      if (end !== undefined) throw new PlainError(end);
      if (answeredByAnother(inputs, started)) throw new PlainError("does not listen on its port itself");
      return;
    }
    // That a question got no answer says no more than that the whole start got none.
    reason = answer.reason.startsWith("no answer") ? "" : ` (${answer.reason})`;
    await Promise.race([delay(pollMilliseconds), ended]);
  }
  // A gateway has no such setting.
  const advice = inputs.gateway === undefined ? "; if it only needs longer, raise `startTimeout`" : "";
  throw new PlainError(
    `did not answer in MCP within ${inputs.startTimeoutMs} ms${reason}, so it was ended${advice}`,
  );
}

// Two that start at the same time both find their port free, and then one gets the answers of the other.
function answeredByAnother(inputs: ProcessInputs, started: ProcessRecord): boolean {
  const declared = declaredPort(inputs);
  const pids = declared === undefined ? [] : listenersOn(declared.port).flatMap((listener) => listener.pids);
  return pids.length > 0 && !pids.some((pid) => belongsTo(pid, started));
}

function ourselves(): ProcessIdentity {
  return { pid: process.pid, startedAt: kernelStartTime(process.pid) ?? "" };
}

function recordOf(
  urn: string,
  inputs: ProcessInputs,
  paths: ProcessPaths,
  identity: ProcessIdentity,
  instance: string,
): ProcessRecord {
  const { logFile } = paths;
  const since = new Date().toISOString();
  return {
    name: inputs.name,
    kind: kindIn(inputs),
    ...identity,
    instance,
    ...endpointOf(inputs),
    logFile,
    since,
    urn,
  };
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
