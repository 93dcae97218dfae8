import { isDeepStrictEqual } from "node:util";
import { conditionOfInputs, conditionOfState, kindIn, processStateSchema, running } from "./condition.ts";
import { completeInputs } from "./defaults.ts";
import { exposureOf } from "./exposure.ts";
import { Faults, PlainError } from "./faults.ts";
import { isAlive } from "./identity.ts";
import { type ProcessInputs, processInputsSchema } from "./inputs.ts";
import { endInterrupted } from "./interrupted.ts";
import { drainMilliseconds, endpointOf } from "./kinds.ts";
import { startProcess, stopProcess } from "./lifecycle.ts";
import { checkMachine, checkShape, ownerFault } from "./process-check.ts";
import { type ProcessRecord, readRecord, removeRecord, type StartedProcess, writeRecord } from "./records.ts";
import { replaceGateway } from "./replacement.ts";
import type { ResourceType } from "./resource-type.ts";
import { processPaths, removeEmptyDirectories, removeQuietly, removeSockets } from "./runtime-directory.ts";
import { hasUnknown, type Properties, plain, secretEntries, secretTexts } from "./values.ts";
import { warn } from "./warnings.ts";

const identityProperties = ["directory", "name"];
const comparedProperties = Object.keys(processInputsSchema.shape);

/** `mcp-infra-local:index:Process`: a process that lives on after `pulumi up`, until `pulumi destroy`. */
export const processResource: ResourceType = {
  async check(urn, olds, news) {
    const values = plain(news) as Properties;
    const before = plain(olds) as Properties;
    const faults = new Faults();
    checkShape(values, faults);
    await checkMachine(values, faults, { urn, olds: before, warn: (message) => warn(urn, message) });
    if (faults.list.length > 0) return { inputs: news, failures: faults.list };
    const secrets = {
      secretEnv: secretEntries(news.secretEnv ?? {}),
      ...(news.secretFiles !== undefined && { secretFiles: secretEntries(news.secretFiles) }),
    };
    return { inputs: { ...completeInputs(news), ...secrets, ...computedInputs(before, values) } };
  },

  async diff(olds, news) {
    const before = plain(olds) as Properties;
    const wanted = plain(news) as Properties;
    const changed = differences(before, wanted);
    const replaces = changed.filter((property) => identityProperties.includes(property));
    const status = conditionOfState(before).status;
    const changes = changed.length > 0 || wanted.status !== running || status !== running;
    return { changes, replaces, deleteBeforeReplace: true };
  },

  async create(urn, inputs) {
    const declared = readInputs(inputs);
    await endInterrupted(declared.directory);
    // Again, since the preview knew nothing of what this very `up` has started.
    const fault = ownerFault(urn, declared.directory, declared.name);
    if (fault !== undefined) throw new PlainError(`name: ${fault}`);
    const record = await startProcess(urn, declared, secretTexts(inputs)).catch((error: unknown) => {
      // No resource will exist to remove these; the log stays, since the error points to it.
      const paths = processPaths(declared.directory, declared.name);
      removeQuietly([paths.run, paths.record]);
      removeSockets(declared.directory, declared.name);
      removeEmptyDirectories(paths);
      throw error;
    });
    warnOfExposure(urn, declared, record);
    return { id: `${record.name}-${record.instance}`, outs: outputs(inputs, record) };
  },

  async read(id, olds) {
    const before = plain(olds) as Properties;
    if (!processStateSchema.safeParse(before).success) {
      throw new PlainError("a process can't be imported; declare it and run `pulumi up`");
    }
    return { id, props: { ...olds, status: conditionOfState(before).status } };
  },

  async update(urn, olds, news) {
    const before = plain(olds) as Properties;
    const inputs = readInputs(news);
    const { directory: _, ...state } = processStateSchema.parse(before);
    await endInterrupted(inputs.directory);
    if (!conditionOfState(before).restart && !needsRestart(before, inputs)) {
      const record = { ...state, kind: kindIn(before), urn };
      removeRecord(inputs.directory, inputs.name);
      writeRecord(inputs.directory, record);
      return { outs: outputs(news, record) };
    }
    const secrets = [...secretTexts(news), ...secretTexts(olds)];
    const predecessor = runningNow(urn, inputs, state);
    const drain = drainMilliseconds(before.gateway);
    const replaced = await replaceGateway(urn, inputs, secrets, predecessor, drain);
    await stopProcess(state);
    const record = replaced ?? (await startProcess(urn, inputs, secrets));
    warnOfExposure(urn, inputs, record);
    return { outs: outputs(news, record) };
  },

  async delete(urn, olds) {
    const state = processStateSchema.parse(plain(olds));
    await Promise.all([endInterrupted(state.directory), stopProcess(state)]);
    const record = readRecord(state.directory, state.name);
    // Another resource may have taken the name over; what is there now is its, not ours.
    if (record && !record.damaged && isAlive(record) && record.instance !== state.instance) {
      if (record.urn !== urn) return;
      // Ours after all: a drill has killed what the state knows, or a run was interrupted before the state knew.
      await stopProcess(record);
    }
    const paths = processPaths(state.directory, state.name);
    const { run, data, logFile } = paths;
    removeQuietly([run, data, logFile, `${logFile}.1`, paths.record]);
    removeSockets(state.directory, state.name);
    removeEmptyDirectories(paths);
  },
};

/** The process that the state knows or, after a run that was interrupted at its end, the one that took its place. */
function runningNow(urn: string, { directory, name }: ProcessInputs, state: StartedProcess) {
  const record = readRecord(directory, name);
  const succeeded = record?.damaged === false && record.urn === urn && isAlive(record) && !isAlive(state);
  return succeeded ? record : state;
}

function warnOfExposure(urn: string, inputs: ProcessInputs, record: ProcessRecord): void {
  const exposure = exposureOf(inputs, record);
  if (exposure !== undefined) warn(urn, exposure);
}

/** What a process is started with, out of a resource's inputs, which also hold what the plugin has computed. */
export function readInputs(inputs: Properties): ProcessInputs {
  const values = plain(inputs) as Properties;
  const declared = comparedProperties.filter((property) => property in values);
  return processInputsSchema.parse(
    Object.fromEntries(declared.map((property) => [property, values[property]])),
  );
}

function outputs(inputs: Properties, record: ProcessRecord): Properties {
  const { pid, startedAt, instance, url, socket, logFile, since } = record;
  return { ...inputs, pid, startedAt, instance, url, socket, logFile, since, status: running };
}

/**
 * What the plugin adds to the inputs, because a preview shows inputs and passes them on as outputs:
 * the endpoint, so that what depends on it isn't unknown in every preview; and what is found of the real
 * process, so that a dead one reads `~ status: "running" => "not running (pid 4711 has ended); ..."`.
 */
function computedInputs(before: Properties, values: Properties): Properties {
  const { directory, name, http, gateway } = values;
  if (hasUnknown([directory, name])) return { status: running };
  const same = before.directory === directory && before.name === name;
  const { status } = same ? conditionOfInputs(before) : { status: running };
  const listen = (gateway as ProcessInputs["gateway"])?.config.listen;
  if (hasUnknown([http, listen])) return { status };
  return { ...endpointOf(completeInputs(values) as ProcessInputs), status };
}

function differences(before: Properties, after: Properties): string[] {
  return comparedProperties.filter((property) => !isDeepStrictEqual(before[property], after[property]));
}

// How long a start may take is not in the process itself.
function needsRestart(before: Properties, inputs: ProcessInputs): boolean {
  return differences(before, inputs).some((property) => property !== "startTimeoutMs");
}
