import * as pulumi from "@pulumi/pulumi";
import { readRecord, recordFile } from "../release/file.ts";
import { ReleaseError, type ReleaseRecord } from "../release/record.ts";
import type { ServerArgs } from "./server-args.ts";

/** What was promoted to a stack, as {@link readRelease} gives it to a target. */
export type Release = ReleaseRecord;

/** Where `mcp-infra promote` has a release that is tried in a preview before anything is written. */
export const candidateVariable = "MCP_INFRA_RELEASE_CANDIDATE";

/**
 * Reads what was promoted to this stack: `mcp.local({ release: mcp.readRelease() })`. The target then starts those packages
 * and images in place of the declared ones, and its gateways are pinned to the catalogue that was proved with them. A stack
 * that nothing was promoted to, such as the first one, has what is declared.
 *
 * @param file relative to the Pulumi project. Default: `releases/<stack>.json`
 * @throws {pulumi.RunError} when the record is damaged, of a newer version or of another stack
 */
export function readRelease(file?: string): Release | undefined {
  const project = pulumi.runtime.getRootDirectory() || process.cwd();
  const stack = pulumi.getStack();
  try {
    const record = readRecord(project, stack, process.env[candidateVariable] ?? file ?? recordFile(stack));
    return record?.promotedFrom && record;
  } catch (error) {
    if (error instanceof ReleaseError) throw new pulumi.RunError(`${error.message}.`);
    throw error;
  }
}

/** A server with its released artifact in place of the declared one, or what stands against it. */
export function released<Args extends Pick<ServerArgs, "stdio" | "http">>(
  name: string,
  args: Args,
  release: Release | undefined,
): { args: Args; fault?: string } {
  const transport = args.stdio ? "stdio" : "http";
  const program = args[transport];
  if (!release || typeof program !== "object") return { args };
  const artifact = release.artifacts[name];
  if (!artifact) return { args, fault: `is not in the release that was promoted to ${release.stack}` };
  for (const kind of ["package", "image"] as const) {
    const value = (artifact as Partial<Record<typeof kind, string>>)[kind];
    if (value !== undefined && program[kind] !== undefined)
      return { args: { ...args, [transport]: { ...program, [kind]: value } } };
  }
  const was = Object.keys(artifact)[0];
  return {
    args,
    fault: `was released as ${was === "image" ? "an image" : `a ${was}`}, and the program declares something else`,
  };
}

/** The catalogue that was proved with a release, of those servers and consumers that there are here. */
export function releasedCatalogue(
  { catalogue }: Release,
  servers: readonly { name: string }[],
  consumers: readonly { name: string }[],
): Release["catalogue"]["pinned"] {
  const among = (things: readonly { name: string }[]) => {
    const names = new Set(things.map(({ name }) => name));
    return ([name]: [string, unknown]) => names.has(name);
  };
  const pinned = Object.entries(catalogue.pinned).filter(among(consumers));
  return Object.fromEntries(
    pinned.map(([consumer, { tools }]) => [
      consumer,
      { tools: Object.fromEntries(Object.entries(tools).filter(among(servers))) },
    ]),
  );
}
