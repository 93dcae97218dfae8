import type { z } from "zod";

/** What is wrong with one property of an input, in words for people. */
export interface Fault {
  /** The property as people write it: `uses[0].tool`. */
  path: string;
  /** What is wrong and what it takes; never the value, which may be a secret. */
  reason: string;
}

/** What a schema finds wrong with an input, everything at once. */
export function faultsOf(schema: z.ZodType, issues: readonly z.core.$ZodIssue[], input: unknown): Fault[] {
  return issues
    .flatMap((issue) => insideUnion(issue))
    .flatMap((issue) => {
      if (issue.code !== "unrecognized_keys")
        return [{ path: pathText(issue.path), reason: inWords(issue, valueAt(input, issue.path)) }];
      const known = keysAt(schema, issue.path);
      return issue.keys.map((key) => ({
        path: pathText([...issue.path, key]),
        reason: `is no property here${known.length > 0 ? `; there is ${known.join(", ")}` : ""}`,
      }));
    });
}

/** Of a value that may have one of several forms, what is wrong with the form that it nearly has. */
function insideUnion(issue: z.core.$ZodIssue): z.core.$ZodIssue[] {
  if (issue.code !== "invalid_union" || issue.message !== "Invalid input") return [issue];
  const isInside = ({ path, code }: z.core.$ZodIssue) => path.length > 0 || code === "unrecognized_keys";
  const nearest = issue.errors.find((errors) => errors.some(isInside));
  if (!nearest) return [{ ...issue, message: `has to be ${issue.errors.flat().map(wantedBy).join(" or ")}` }];
  return nearest.map((inner) => ({ ...inner, path: [...issue.path, ...inner.path] }));
}

function wantedBy(issue: z.core.$ZodIssue): string {
  if (issue.code === "invalid_value") return issue.values.map(String).join(" or ");
  return issue.code === "invalid_type" ? (kinds[issue.expected] ?? `a ${issue.expected}`) : issue.message;
}

/** A path as people write it: `consumers[0].uses[2].tool`. */
function pathText(path: readonly PropertyKey[]): string {
  return path.reduce<string>((text, key) => {
    if (typeof key === "number") return `${text}[${key}]`;
    return text === "" ? String(key) : `${text}.${String(key)}`;
  }, "");
}

const kinds: Record<string, string> = {
  string: "text",
  number: "a number",
  int: "a whole number",
  boolean: "true or false",
  array: "a list",
  object: "an object",
  record: "an object",
};

function inWords(issue: z.core.$ZodIssue, value: unknown): string {
  if (isRunTime(value))
    return "is a run-time value of Pulumi; it has to be plain, since rules judge it in the preview";
  if (issue.code === "invalid_type" && issue.message.startsWith("Invalid input")) {
    const wanted = kinds[issue.expected] ?? `a ${issue.expected}`;
    return value === undefined ? `is missing; give ${wanted}` : `has to be ${wanted}`;
  }
  if (issue.code === "invalid_key") return issue.issues[0]?.message ?? "is no name that may stand here";
  if (issue.code === "too_small" && issue.origin !== "string" && issue.origin !== "array")
    return `has to be ${issue.inclusive ? "at least" : "more than"} ${issue.minimum}`;
  if (issue.code === "too_big" && issue.origin !== "string" && issue.origin !== "array")
    return `has to be ${issue.inclusive ? "at most" : "less than"} ${issue.maximum}`;
  if (
    issue.code === "invalid_format" &&
    issue.format === "regex" &&
    issue.message.startsWith("Invalid string")
  )
    return `has to match ${issue.pattern}`;
  if (issue.code === "invalid_value") return `has to be one of ${issue.values.map(String).join(", ")}`;
  return issue.message;
}

/** Pulumi's outputs are told by their `apply`; the model knows no more of Pulumi than that. */
function isRunTime(value: unknown): boolean {
  return typeof value === "function" || (typeof value === "object" && value !== null && "apply" in value);
}

function valueAt(input: unknown, path: readonly PropertyKey[]): unknown {
  return path.reduce<unknown>(
    (value, key) => (typeof value === "object" && value !== null ? Reflect.get(value, key) : undefined),
    input,
  );
}

/** The properties that an object of the schema has at a path. */
function keysAt(schema: unknown, path: readonly PropertyKey[]): string[] {
  const { def } = schema as { def?: Record<string, unknown> };
  const inner = def?.innerType ?? def?.in;
  if (inner) return keysAt(inner, path);
  if (Array.isArray(def?.options)) return def.options.flatMap((option) => keysAt(option, path));
  const shape = (def?.shape ?? {}) as Record<PropertyKey, unknown>;
  const [key, ...rest] = path;
  if (key === undefined) return Object.keys(shape);
  const next = shape[key] ?? def?.element ?? def?.valueType;
  return next ? keysAt(next, rest) : [];
}
