import { z } from "zod";
import { gatewayConfigSchema } from "../../../../gateway/config.ts";
import { isLoopback } from "../../../model/hosts.ts";
import type { Faults } from "./faults.ts";
import { isAlive, markOf } from "./identity.ts";
import type { DeclaredPort } from "./kinds.ts";
import { holderText, type PortHolder, portHolder } from "./ports.ts";
import { readRecord, readRecords } from "./records.ts";
import type { Properties } from "./values.ts";

const declaredHttp = z.object({ port: z.int().min(1).max(65_535) });
const { listen, auth } = gatewayConfigSchema.shape;
const declaredGateway = z.object({ config: z.object({ listen, auth }) });

/** What makes a process of the local target the one it is, over all its restarts. */
export interface NamedProcess {
  readonly directory: string;
  readonly name: string;
}

/**
 * Finds what is wrong with the port that a process is to listen on. `identity` is the process, where it is known;
 * `olds` are the plain inputs of the last `up`.
 */
export async function checkPort(
  values: Properties,
  identity: NamedProcess | undefined,
  olds: Properties,
  faults: Faults,
): Promise<void> {
  // Each for itself: a gateway's listener is known long before the endpoints of its servers are.
  const http = declaredHttp.safeParse(values.http);
  const gateway = declaredGateway.safeParse(values.gateway);
  const declared: DeclaredPort | undefined = http.success
    ? { property: "http.port", host: "127.0.0.1", ...http.data }
    : gateway.success
      ? { property: "gateway.config.listen.port", ...gateway.data.config.listen }
      : undefined;
  if (declared === undefined) return;
  if (!isLoopback(declared.host) && gateway.data?.config.auth !== "tokens") {
    const reason = `"${declared.host}" is not loopback and auth is "none"; listen on 127.0.0.1, or set auth to "tokens"`;
    faults.add("gateway.config.listen.host", reason);
  } else if (declared.port === 0) {
    faults.add(declared.property, "must be a port from 1 to 65535: its clients have to know it");
  } else {
    await checkPortHolder(declared, identity, olds, faults);
  }
}

async function checkPortHolder(
  declared: DeclaredPort,
  identity: NamedProcess | undefined,
  olds: Properties,
  faults: Faults,
): Promise<void> {
  const holder = await portHolder(declared.port, declared.host);
  if (holder === undefined) return;
  const behind = processBehind(holder, declared.port, identity);
  // An update ends what runs by the old inputs, and a start what the record of its name knows of.
  if (behind !== undefined && (isSame(behind, olds) || (isSame(behind, identity) && hasRecord(behind))))
    return;
  faults.add(declared.property, takenText(declared.port, holder, identity));
}

/** That a port is taken, by whom, and what to do. */
export function takenText(port: number, holder: PortHolder, identity: NamedProcess | undefined): string {
  const behind = processBehind(holder, port, identity);
  const where = behind?.directory === identity?.directory ? "the same directory" : behind?.directory;
  const who =
    behind === undefined
      ? holderText(holder)
      : `the process "${behind.name}" of ${where} (${holderText(holder)})`;
  return `port ${port} is taken by ${who}; end that program or choose another port`;
}

/** Which process of the local target holds a port, of any directory. Its own mark says so, and needs no record. */
function processBehind(
  { pid }: PortHolder,
  port: number,
  identity: NamedProcess | undefined,
): NamedProcess | undefined {
  const mark = pid === undefined ? undefined : markOf(pid);
  if (mark !== undefined || identity === undefined) return mark;
  const { directory } = identity;
  // Where the system doesn't say who holds a port, our own record of it has to do.
  const recorded = readRecords(directory).find(
    (record) =>
      !record.damaged &&
      isAlive(record) &&
      (pid === undefined ? new URL(record.url).port === String(port) : record.pid === pid),
  );
  return recorded && { directory, name: recorded.name };
}

function isSame(one: NamedProcess, other: { directory?: unknown; name?: unknown } | undefined): boolean {
  return one.directory === other?.directory && one.name === other.name;
}

function hasRecord({ directory, name }: NamedProcess): boolean {
  return readRecord(directory, name)?.damaged === false;
}
