import type { CheckFailure } from "@pulumi/pulumi/provider/index.js";
import type { z } from "zod";
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

  /** Adds the issues of a zod schema, except where the value is not known yet. */
  addIssues(issues: readonly z.core.$ZodIssue[], values: unknown): void {
    for (const issue of issues) {
      if (isUnknownAt(values, issue.path)) continue;
      if (issue.code === "unrecognized_keys") {
        for (const key of issue.keys)
          this.add(pathText([...issue.path, key]), "there is no such property; remove it");
      } else {
        this.add(pathText(issue.path), plainWords(issue));
      }
    }
  }
}

/** A property path as people write it: `gateway.config.servers[0].url`. */
export function pathText(path: readonly PropertyKey[]): string {
  return path.reduce<string>((text, key) => {
    if (typeof key === "number") return `${text}[${key}]`;
    return text === "" ? String(key) : `${text}.${String(key)}`;
  }, "");
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

// Zod's own words name types of the language; only those that a reader could stumble over are put differently.
function plainWords(issue: z.core.$ZodIssue): string {
  if (
    issue.code === "invalid_type" &&
    issue.input === undefined &&
    issue.message.includes("received undefined")
  ) {
    return `is missing; give a ${issue.expected}`;
  }
  if (issue.code === "invalid_format" && issue.format === "regex") return `must match ${issue.pattern}`;
  return issue.message.replace(/^Invalid input: /, "");
}
