import { chooseBin, parsePackage } from "../../../../gateway/packages/npm-package.ts";
import { findCommand } from "./environment.ts";
import type { Faults } from "./faults.ts";
import { isAlive, markVariable } from "./identity.ts";
import { noVariableName, processInputsSchema, programSchema, variableName } from "./inputs.ts";
import { askRegistry, cachedBins } from "./package-cache.ts";
import { checkPort } from "./port-check.ts";
import { isInterrupted, readRecord } from "./records.ts";
import { directoryFaults, socketDirectoryFaults, socketPathFault } from "./runtime-directory.ts";
import { hasUnknown, isRecord, type Properties } from "./values.ts";

const kinds = ["stdio", "http", "gateway"] as const;

/** What a check was asked about, beside the values themselves. */
export interface CheckContext {
  readonly urn: string;
  /** The plain inputs of the last `up`; empty before the first. */
  readonly olds: Properties;
  /** Says something to the user that is no fault. */
  readonly warn: (message: string) => void;
}

/** Finds the faults that show in the values alone. What isn't known yet is passed over. */
export function checkShape(values: Properties, faults: Faults): void {
  const parsed = processInputsSchema.safeParse(values);
  if (!parsed.success) faults.addIssues(processInputsSchema, parsed.error.issues, values);
  const given = kinds.filter((kind) => values[kind] !== undefined);
  if (given.length !== 1) {
    const found = given.length === 0 ? "none is given" : `${given.join(" and ")} are given`;
    faults.add(given[1] ?? "stdio", `exactly one of stdio, http and gateway says what runs; ${found}`);
  }
  checkEnvironmentNames(values, faults);
}

function checkEnvironmentNames(values: Properties, faults: Faults): void {
  const env = isRecord(values.env) ? values.env : {};
  const secretEnv = isRecord(values.secretEnv) ? values.secretEnv : {};
  const secretFiles = isRecord(values.secretFiles) ? values.secretFiles : {};
  for (const [property, map] of [
    ["env", env],
    ["secretEnv", secretEnv],
    ["secretFiles", secretFiles],
  ] as const) {
    for (const [name, value] of Object.entries(map)) {
      const path = `${property}.${name}`;
      if (!variableName.test(name)) faults.add(path, noVariableName);
      if (name === markVariable) faults.add(path, "is set by the framework; remove it");
      if (property !== "secretFiles" && typeof value === "string" && value.includes("\0"))
        faults.add(path, "contains a zero byte, which no environment variable can hold");
    }
  }
  for (const name of Object.keys(secretEnv)) {
    if (name in env) faults.add(`secretEnv.${name}`, "is in env too; declare it in one of the two");
  }
  for (const name of Object.keys(secretFiles)) {
    const other = name in env ? "env" : name in secretEnv ? "secretEnv" : undefined;
    if (other) faults.add(`secretFiles.${name}`, `is in ${other} too; declare it in one of the two`);
  }
}

/** Finds the faults that show on this machine: all that can be known before anything changes. */
export async function checkMachine(values: Properties, faults: Faults, context: CheckContext): Promise<void> {
  const { shape } = processInputsSchema;
  const directory = shape.directory.safeParse(values.directory);
  const name = shape.name.safeParse(values.name);
  const identity =
    directory.success && name.success && !hasUnknown([values.directory, values.name])
      ? { directory: directory.data, name: name.data }
      : undefined;

  if (identity !== undefined) {
    for (const fault of directoryFaults(identity.directory)) faults.add("directory", fault);
    if (values.http === undefined) {
      for (const fault of socketDirectoryFaults(identity.directory)) faults.add("directory", fault);
    }
    const fault = values.stdio === undefined ? undefined : socketPathFault(identity.directory, identity.name);
    if (fault !== undefined) faults.add("directory", fault);
    checkOwner(identity, faults, context);
  }
  for (const kind of ["stdio", "http"] as const) {
    await checkProgram(kind, values[kind], faults, context);
  }
  await checkPort(values, identity, context.olds, faults);
}

// The name of a resource may change while its process stays the same; then two would fight over it.
function checkOwner(
  identity: { directory: string; name: string },
  faults: Faults,
  { urn, olds }: CheckContext,
): void {
  if (olds.directory === identity.directory && olds.name === identity.name) return;
  const fault = ownerFault(urn, identity.directory, identity.name);
  if (fault !== undefined) faults.add("name", fault);
}

/** Why a new resource can't have this name: another one runs a process of it. */
export function ownerFault(urn: string, directory: string, name: string): string | undefined {
  const record = readRecord(directory, name);
  if (
    record === undefined ||
    record.damaged ||
    !isAlive(record) ||
    isInterrupted(record) ||
    record.urn === urn
  )
    return undefined;
  const holder = `the resource ${record.urn} runs a process of this name already (pid ${record.pid})`;
  return `${holder}; choose another name, give this one an alias of that resource, or, if its stack is no more, run: kill ${record.pid}`;
}

async function checkProgram(
  property: string,
  value: unknown,
  faults: Faults,
  context: CheckContext,
): Promise<void> {
  const parsed = programSchema.safeParse(value);
  if (!parsed.success || hasUnknown(parsed.data)) return;
  const { command, bin } = parsed.data;
  if ((command === undefined) === (parsed.data.package === undefined)) {
    faults.add(property, "give either package or command");
    return;
  }
  if (command !== undefined) {
    if (bin !== undefined) faults.add(`${property}.bin`, "goes with package only; remove it");
    checkCommand(`${property}.command`, command, faults);
    return;
  }
  const wanted = parsePackage(parsed.data.package ?? "");
  if (wanted === undefined) {
    faults.add(
      `${property}.package`,
      `"${parsed.data.package}" is not pinned to one version; write npm:name@1.2.3`,
    );
    return;
  }
  let bins = cachedBins(wanted);
  if (bins === undefined) {
    const answer = await askRegistry(wanted);
    if (answer.kind === "missing") faults.add(`${property}.package`, answer.reason);
    if (answer.kind === "unreachable")
      context.warn(
        `${property}.package: ${answer.reason}; whether the package exists will show when it is installed`,
      );
    if (answer.kind === "found") bins = answer.bins;
  }
  if (bins === undefined) return;
  const choice = chooseBin(wanted, bins, bin);
  if ("fault" in choice)
    faults.add(bin === undefined ? `${property}.package` : `${property}.bin`, choice.fault);
}

function checkCommand(property: string, command: string, faults: Faults): void {
  if (findCommand(command) !== undefined) return;
  if (command.startsWith("/"))
    faults.add(property, `${command} is not there or not executable on this machine`);
  else if (command.includes("/"))
    faults.add(
      property,
      `"${command}" is a relative path; write an absolute path or the name of a command on PATH`,
    );
  else faults.add(property, `"${command}" is not on PATH; install it or write its absolute path`);
}
