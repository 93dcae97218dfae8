import * as pulumi from "@pulumi/pulumi";
import type { z } from "zod";
import { faultsOf } from "./model/faults.ts";

/**
 * Reads a stack's configuration by a zod schema: typed, with defaults, a mistyped key refused. Numbers, booleans and
 * objects are read as JSON; keys of other namespaces, which belong to providers, are left alone.
 * @param schema what the stack may configure; `z.strictObject` refuses all else
 * @param project namespace of the keys; default: the Pulumi project's name
 * @param all every key and value; default: those of the stack
 * @throws {pulumi.RunError} one error that names every fault by its full key
 */
export function readConfiguration<Schema extends z.ZodType>(
  schema: Schema,
  project = pulumi.getProject(),
  all: Record<string, string> = pulumi.runtime.allConfig(),
): z.output<Schema> {
  const own = Object.entries(all).filter(([key]) => key.startsWith(`${project}:`));
  const given = Object.fromEntries(own.map(([key, value]) => [key.slice(project.length + 1), parsed(value)]));
  const result = schema.safeParse(given);
  if (result.success) return result.data;
  const faults = faultsOf(schema, result.error.issues, given).map(
    ({ path, reason }) => `✗ ${project}:${path}: ${reason}`,
  );
  throw new pulumi.RunError(
    `the stack's configuration is refused (Pulumi.<stack>.yaml)\n${faults.join("\n")}`,
  );
}

/** Pulumi hands every value over as text. */
function parsed(value: string): unknown {
  try {
    return JSON.parse(value);
  } catch {
    return value;
  }
}
