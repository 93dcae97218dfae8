import { randomUUID } from "node:crypto";
import { closeSync, existsSync, readFileSync } from "node:fs";
import { maskerOf } from "../../../model/masking.ts";
import { untilItAnswers } from "./answering.ts";
import { commandLineOf } from "./command-line.ts";
import { PlainError } from "./faults.ts";
import { isAlive } from "./identity.ts";
import type { ProcessInputs } from "./inputs.ts";
import { stopProcess } from "./lifecycle.ts";
import { lastLines, openLog } from "./log-file.ts";
import {
  failureText,
  makeDirectories,
  recordOf,
  takenPort,
  withLastLines,
  writeFiles,
} from "./preparation.ts";
import { type ProcessRecord, writePrivateFile, writeRecord } from "./records.ts";
import { controlPath } from "./runtime-directory.ts";
import { type OnTrial, orderSuccessor } from "./successor-order.ts";

const shownLines = 10;

/** A gateway to be replaced. */
type Running = Pick<ProcessRecord, "pid" | "startedAt" | "instance" | "url">;

/**
 * Replaces a gateway that runs, without losing a call: it starts its successor itself and shares its listening socket
 * with it, and is ended when the successor answers in MCP. When that one doesn't, the old one goes on untouched, and the
 * error says why. Should this run be interrupted before, the old one ends its successor.
 *
 * @param drainMilliseconds how long the old one may go on with calls that are under way.
 * @returns `undefined` when the old one has to end first, because it can't do that, or has the same port at another address.
 */
export async function replaceGateway(
  urn: string,
  inputs: ProcessInputs,
  secrets: readonly string[],
  running: Running,
  drainMilliseconds: number,
): Promise<ProcessRecord | undefined> {
  const control = controlPath(inputs.directory, inputs.name, running.instance);
  if (inputs.gateway === undefined || control === undefined || !isAlive(running)) return undefined;
  const { listen } = inputs.gateway.config;
  // What the old one has itself is not taken.
  const otherPort = Number(new URL(running.url).port) !== listen.port;
  const taken = otherPort ? await takenPort(inputs) : undefined;
  if (taken !== undefined) throw new PlainError(taken);

  const paths = makeDirectories(inputs);
  const instance = randomUUID();
  const { args, ...line } = await commandLineOf(inputs, paths, instance);
  const before = existsSync(paths.gatewayConfig) ? readFileSync(paths.gatewayConfig, "utf8") : undefined;
  writeFiles(inputs, paths);
  const log = openLog(paths.logFile);
  closeSync(log.descriptor);
  const order = { ...line, args: [...args, "--successor"], logFile: paths.logFile, listen };
  const successor = await orderSuccessor(control, order);
  if (successor === undefined) return undefined;
  const record = await onceItAnswers(urn, inputs, successor, instance).catch((error: unknown) => {
    if (before !== undefined) writePrivateFile(paths.gatewayConfig, before);
    const lines = lastLines(paths.logFile, log.offset, shownLines, isNoLogLine);
    const reason = `${failureText(inputs, error)}; the one before it goes on`;
    throw new PlainError(maskerOf(secrets)(withLastLines(reason, lines, paths.logFile)));
  });
  writeRecord(inputs.directory, record);
  successor.accept();
  await stopProcess(running, drainMilliseconds);
  return record;
}

/** Both gateways write to one log; what a program that can't start says is none of its log lines, which are JSON. */
const isNoLogLine = (line: string) => !line.startsWith("{");

async function onceItAnswers(urn: string, inputs: ProcessInputs, successor: OnTrial, instance: string) {
  const { pid, startedAt, ended } = successor;
  if (pid === undefined || startedAt === undefined) {
    successor.refuse();
    throw new PlainError(await ended);
  }
  const started = { pid, startedAt, instance };
  const record = recordOf(urn, inputs, started);
  try {
    // By its own door: on the port, the old one may answer.
    const socket = controlPath(inputs.directory, inputs.name, instance);
    await untilItAnswers(inputs, { url: record.url, socket }, ended);
    return record;
  } catch (error) {
    successor.refuse();
    await stopProcess(started);
    throw error;
  }
}
