import { rmSync } from "node:fs";
import { isDeepStrictEqual } from "node:util";
import type {
  CheckResult,
  CreateResult,
  DiffResult,
  ReadResult,
  UpdateResult,
} from "@pulumi/pulumi/provider/index.js";
import { type Condition, conditionOf, identitySchema, running } from "./condition.ts";
import { Faults, PlainError } from "./faults.ts";
import type { ProcessInputs } from "./inputs.ts";
import { startProcess, stopProcess } from "./lifecycle.ts";
import { checkMachine, checkShape, parseProcessInputs } from "./process-check.ts";
import { type ProcessRecord, readRecord, removeRecord, writeRecord } from "./records.ts";
import type { ResourceType } from "./resource-type.ts";
import { processPaths, removeEmptyDirectories } from "./runtime-directory.ts";
import { hasUnknown, type Properties, plain, secretEntries, secretTexts, withDefaults } from "./values.ts";
import { warn } from "./warnings.ts";

const identityProperties = ["directory", "name"];
const comparedProperties = [
  ...identityProperties,
  ...["stdio", "http", "gateway", "env", "secretEnv", "storage", "timeoutMs", "startTimeoutMs", "revision"],
];

/** `mcp-infra-local:index:Process`: a process that lives on after `pulumi up`, until `pulumi destroy`. */
export const processResource: ResourceType = {
  async check(urn, olds, news): Promise<CheckResult> {
    const values = plain(news) as Properties;
    const before = plain(olds) as Properties;
    // Added by an earlier check, and never the user's to set.
    delete values.status;
    const faults = new Faults();
    checkShape(values, faults);
    await checkMachine(values, faults, { urn, olds: before, warn });
    if (faults.list.length > 0) return { inputs: news, failures: faults.list };

    const complete = hasUnknown(values) ? news : withDefaults(news, parseProcessInputs(values));
    const status = statusForPreview(before, values);
    return {
      inputs: { ...(complete as Properties), secretEnv: secretEntries(news.secretEnv ?? {}), status },
    };
  },

  async diff(olds, news): Promise<DiffResult> {
    const before = plain(olds) as Properties;
    const wanted = plain(news) as Properties;
    const changed = comparedProperties.filter(
      (property) => !isDeepStrictEqual(before[property], wanted[property]),
    );
    const replaces = changed.filter((property) => identityProperties.includes(property));
    const found = conditionOfState(before);
    const changes = changed.length > 0 || wanted.status !== running || found.status !== running;
    return { changes, replaces, deleteBeforeReplace: true };
  },

  async create(urn, inputs): Promise<CreateResult> {
    const record = await startProcess(urn, readInputs(inputs), secretTexts(inputs));
    return { id: `${record.name}-${record.instance}`, outs: outputs(inputs, record) };
  },

  async read(id, olds): Promise<ReadResult> {
    if (!identitySchema.safeParse(plain(olds)).success) {
      throw new PlainError("a process can't be imported; declare it and run `pulumi up`");
    }
    return { id, props: { ...olds, status: conditionOfState(plain(olds) as Properties).status } };
  },

  async update(urn, olds, news): Promise<UpdateResult> {
    const before = plain(olds) as Properties;
    const inputs = readInputs(news);
    const identity = identitySchema.parse(before);
    if (!conditionOfState(before).restart && !needsRestart(before, inputs)) {
      const record = keptRecord(urn, before, inputs);
      removeRecord(inputs.directory, inputs.name);
      writeRecord(inputs.directory, record);
      return { outs: outputs(news, record) };
    }
    await stopProcess(identity);
    return {
      outs: outputs(news, await startProcess(urn, inputs, [...secretTexts(news), ...secretTexts(olds)])),
    };
  },

  async delete(olds): Promise<void> {
    const identity = identitySchema.parse(plain(olds));
    await stopProcess(identity);
    const record = readRecord(identity.directory, identity.name);
    // Another resource may have taken the name over; what is there now is its, not ours.
    if (record !== undefined && !record.damaged && record.alive && record.instance !== identity.instance)
      return;
    const paths = processPaths(identity.directory, identity.name);
    for (const path of [
      paths.run,
      paths.data,
      paths.logFile,
      `${paths.logFile}.1`,
      paths.socket,
      paths.record,
    ]) {
      rmSync(path, { recursive: true, force: true });
    }
    removeEmptyDirectories(paths);
  },
};

function readInputs(inputs: Properties): ProcessInputs {
  const { status: _, ...values } = plain(inputs) as Properties;
  return parseProcessInputs(values);
}

function outputs(inputs: Properties, record: ProcessRecord): Properties {
  const { pid, startedAt, instance, url, socket, logFile, since } = record;
  return { ...inputs, pid, startedAt, instance, url, socket, logFile, since, status: running };
}

/**
 * The framework hands the engine no differences of its own making: the engine shows how the inputs differ.
 * So what is found of the real process becomes an input, and a dead one shows in the preview as
 * `~ status: "running" => "not running (pid 4711 has ended); it is started again"`.
 */
function statusForPreview(before: Properties, values: Properties): string {
  const { directory, name } = values;
  if (before.directory !== directory || before.name !== name) return running;
  if (typeof directory !== "string" || typeof name !== "string") return running;
  return conditionOf({ directory, name, kind: kindIn(before) }).status;
}

function conditionOfState(state: Properties): Condition {
  const identity = identitySchema.parse(state);
  return conditionOf({ ...identity, kind: kindIn(state) }, identity);
}

function kindIn(values: Properties): ProcessRecord["kind"] {
  if (values.gateway !== undefined) return "gateway";
  return values.http === undefined ? "server-stdio" : "server-http";
}

// How long a start or a request may take is not in the process itself, but for the bridge, which cancels requests.
function needsRestart(before: Properties, inputs: ProcessInputs): boolean {
  const untouched = ["startTimeoutMs", ...(inputs.stdio === undefined ? ["timeoutMs"] : [])];
  const after: Properties = inputs;
  return comparedProperties.some(
    (property) => !untouched.includes(property) && !isDeepStrictEqual(before[property], after[property]),
  );
}

function keptRecord(urn: string, before: Properties, inputs: ProcessInputs): ProcessRecord {
  const { pid, startedAt, instance, url, socket, logFile, since } = before as Properties & ProcessRecord;
  return {
    name: inputs.name,
    kind: kindIn(inputs),
    pid,
    startedAt,
    instance,
    url,
    socket,
    logFile,
    since,
    urn,
  };
}
