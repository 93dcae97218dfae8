import type { CheckFailure } from "@pulumi/pulumi/provider/index.js";
import type { z } from "zod";
import { faultsOf } from "../../../model/faults.ts";
import { isUnknown } from "./values.ts";

/**
 * An error for people: its message is the whole of it. The provider framework prints a stack beside the
 * message of what `check`, `diff` and `delete` throw; here there is none to print.
 */
export class PlainError extends Error {
  constructor(message: string) {
    super(message);
    this.name = "Error";
    this.stack = "";
  }
}

/** The message of anything thrown. */
export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

/** The faults found in a resource's properties, all of them, each with its property path and what to do. */
export class Faults {
  readonly list: CheckFailure[] = [];

  /** Adds a fault unless the same property has one already with the same reason. */
  add(property: string, reason: string): void {
    if (!this.list.some((fault) => fault.property === property && fault.reason === reason)) {
      this.list.push({ property, reason });
    }
  }

  /** Adds what a zod schema finds wrong, except where the value is not known yet. */
  addIssues(schema: z.ZodType, issues: readonly z.core.$ZodIssue[], values: unknown): void {
    const known = issues.filter(({ path }) => !isUnknownAt(values, path));
    for (const { path, reason } of faultsOf(schema, known, values)) this.add(path, reason);
  }
}

function isUnknownAt(values: unknown, path: readonly PropertyKey[]): boolean {
  let current: unknown = values;
  for (const key of path) {
    if (isUnknown(current)) return true;
    if (typeof current !== "object" || current === null) return false;
    current = (current as Record<PropertyKey, unknown>)[key];
  }
  return isUnknown(current);
}
