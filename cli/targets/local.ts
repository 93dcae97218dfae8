import { readFileSync } from "node:fs";
import { isDeepStrictEqual } from "node:util";
import { readInputs } from "../../components/targets/local/provider/process-resource.ts";
import type { ReadRecord } from "../../components/targets/local/provider/records.ts";
import { processPaths } from "../../components/targets/local/provider/runtime-directory.ts";
import { localVictim } from "../../drill/targets/local.ts";
import { keepSmokeReport } from "../../smoke/index.ts";
import { UserError } from "../project.ts";
import { plainThroughout, type StateResource } from "../state.ts";
import type { GatewayAccess, Log, Runtime, Status } from "./target.ts";

const processType = "mcp-infra-local:index:Process";

/** The way to a gateway that is a process of this machine; `undefined` when it never came up. */
export function localGateway(
  resources: readonly StateResource[],
  parts: readonly StateResource[],
): GatewayAccess | undefined {
  const process = parts.find(({ type }) => type === processType);
  const { url } = (process?.outputs ?? {}) as { url?: string };
  if (!process || !url) return undefined;
  const { config } = (process.inputs as { gateway: { config: { smokeReport?: string } } }).gateway;
  return {
    endpoint: url,
    forwarded: false,
    reach: (use) => use(url),
    victims: () =>
      resources
        .filter(({ type, inputs }) => type === processType && inputs?.gateway === undefined)
        .map(({ urn, inputs }) =>
          localVictim({ urn, inputs: readInputs(plainThroughout(inputs) as Record<string, unknown>) }),
        ),
    editedByHand: () => editedIn(process),
    keepSmokeReport: async (report) => {
      if (config.smokeReport) await keepSmokeReport(config.smokeReport, report);
    },
  };
}

/** The properties in which a gateway's configuration file is another than was written. */
function editedIn({ inputs }: StateResource): string[] {
  const { directory, name, gateway } = readInputs(plainThroughout(inputs) as Record<string, unknown>);
  const path = processPaths(directory, name).gatewayConfig;
  const written = JSON.parse(JSON.stringify(gateway?.config ?? {})) as Record<string, unknown>;
  let found: unknown;
  try {
    found = JSON.parse(readFileSync(path, "utf8"));
  } catch {
    return [`${path} can't be read`];
  }
  const there = (found ?? {}) as Record<string, unknown>;
  return Object.keys({ ...written, ...there })
    .filter((property) => !isDeepStrictEqual(written[property], there[property]))
    .map((property) => `${path}: ${property}`);
}

/** The processes of this machine, as their records say. */
export function localRuntime(records: readonly ReadRecord[]): Runtime {
  return {
    status: async () => statusOf(records),
    logs: async (name, lines) => chosen(records, name).map((record) => logOf(record, lines)),
  };
}

function statusOf(records: readonly ReadRecord[]): Status {
  const rows = records.map((record) =>
    record.damaged
      ? [record.name, "", "unknown", "", record.reason]
      : [
          record.name,
          record.kind,
          record.alive ? "running" : "dead",
          record.alive ? String(record.pid) : "",
          record.reason ?? record.socket ?? record.url,
        ],
  );
  const failing = records.filter(({ alive }) => !alive);
  const dead = failing.filter(({ damaged }) => !damaged).map(({ name }) => name);
  return {
    head: ["NAME", "KIND", "STATUS", "PID", "WHERE"],
    rows,
    failing: failing.length > 0,
    ...(dead.length > 0 && {
      advice: `Not running: ${dead.join(", ")}. \`pulumi preview\` shows it, \`pulumi up\` brings it back.`,
    }),
  };
}

function chosen(records: readonly ReadRecord[], name: string | undefined): readonly ReadRecord[] {
  if (name === undefined) return records;
  const named = records.filter((record) => record.name === name);
  if (named.length > 0) return named;
  const names = records.map((record) => record.name).join(", ");
  throw new UserError(`There is no process "${name}"; there is ${names || "none"}.`);
}

function logOf(record: ReadRecord, lines: number): Log {
  const { name } = record;
  if (record.damaged) return { name, text: record.reason };
  try {
    const all = readFileSync(record.logFile, "utf8").trimEnd().split("\n");
    return { name, text: all.slice(-lines).join("\n") };
  } catch {
    return { name, text: `The log ${record.logFile} can't be read.`, unreadable: true };
  }
}
