import type { z } from "zod";
import { type ProcessInputs, processInputsSchema } from "./inputs.ts";
import { isRecord, isUnknown, type Properties, plain, withDefaults } from "./values.ts";

// One of these is right for every property of the schema that a preview may not know yet.
const samples: readonly unknown[] = ["http://unknown.invalid", "0".repeat(64), 1, false, [], {}];

/**
 * The inputs with their defaults, also when some aren't known yet; otherwise the preview would show every
 * default as taken away. For the schema's sake unknowns are tried with samples, none of which gets out:
 * `withDefaults` only takes what the inputs don't have.
 */
export function completeInputs(inputs: Properties): Properties {
  const parsed = parseWithSamples(plain(inputs) as Properties);
  return parsed === undefined ? inputs : (withDefaults(inputs, parsed) as Properties);
}

function parseWithSamples(values: Properties): ProcessInputs | undefined {
  const tried = new Map<string, number>();
  // Each round moves at least one unknown to its next sample, so that this ends.
  for (;;) {
    const result = processInputsSchema.safeParse(fill(values, (path) => samples[tried.get(path) ?? 0]));
    if (result.success) return result.data;
    for (const issue of result.error.issues) {
      const path = unknownAbove(values, issue);
      const next = path === undefined ? samples.length : (tried.get(path) ?? 0) + 1;
      if (path === undefined || next >= samples.length) return undefined;
      tried.set(path, next);
    }
  }
}

function fill(value: unknown, sampleFor: (path: string) => unknown, path = ""): unknown {
  if (isUnknown(value)) return sampleFor(path);
  if (Array.isArray(value)) return value.map((item, index) => fill(item, sampleFor, `${path}/${index}`));
  if (!isRecord(value)) return value;
  const entries = Object.entries(value).map(([key, item]) => [key, fill(item, sampleFor, `${path}/${key}`)]);
  return Object.fromEntries(entries);
}

function unknownAbove(values: Properties, issue: z.core.$ZodIssue): string | undefined {
  let current: unknown = values;
  let path = "";
  for (const key of issue.path) {
    current = (current as Record<PropertyKey, unknown>)?.[key];
    path += `/${String(key)}`;
    if (isUnknown(current)) return path;
  }
  return undefined;
}
