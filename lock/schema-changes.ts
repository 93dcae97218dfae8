import { isDeepStrictEqual } from "node:util";
import { isObject } from "../gateway/protocol/messages.ts";
import type { Direction } from "./change.ts";
import { childPath } from "./texts.ts";

/** One place where a JSON Schema differs from what it was. */
export interface SchemaChange {
  path: string;
  /** Absent for what decides nothing, such as a default. */
  direction?: Direction;
  before: unknown;
  after: unknown;
}

/**
 * Who fills in what the schema describes. Formally an open object with one property less accepts more. But callers send what
 * is declared, so to an input it means less; and readers rely on what is promised, so to an output a property more is the
 * stricter.
 */
export type Role = "input" | "output";

type Schema = Record<string, unknown>;
type Compare = (before: unknown, after: unknown, path: string, role: Role) => SchemaChange[];

/**
 * Where two JSON Schemas (2020-12, draft 7) differ, and which way. Careful rather than clever: what it can't tell is `both`.
 * Titles and descriptions are left to {@link textsIn}. Pure.
 */
export function schemaChanges(before: unknown, after: unknown, path: string, role: Role): SchemaChange[] {
  const change = (direction: Direction) => [{ path, direction, before, after }];
  if (isDeepStrictEqual(before, after)) return [];
  if (after === false) return change("stricter");
  if (before === false) return change("looser");
  const one = normal(before);
  const other = normal(after);
  if (!one || !other) return change("both");
  const choice = choices(one, other);
  if (choice) return change(choice);
  return [...new Set([...Object.keys(one), ...Object.keys(other)])].flatMap((keyword) =>
    isDeepStrictEqual(one[keyword], other[keyword])
      ? []
      : comparing(keyword)(one[keyword], other[keyword], childPath(path, keyword), role),
  );
}

/** An object, where `true` and absence accept everything, and `const` is an `enum` of one. */
function normal(schema: unknown): Schema | undefined {
  if (schema === undefined || schema === true) return {};
  if (!isObject(schema)) return undefined;
  if (!("const" in schema) || "enum" in schema) return schema;
  const { const: only, ...rest } = schema;
  return { ...rest, enum: [only] };
}

const texts = new Set(["title", "description"]);

/** What a value is checked by is as it was; what a reader is told besides is not. */
const undirected = new Set([
  ...["$schema", "$id", "$anchor", "$comment", "default", "examples", "deprecated", "readOnly", "writeOnly"],
  ...["contentMediaType", "contentEncoding", "contentSchema"],
]);

/** Making something optional often turns a schema into `anyOf` it and null: told apart from any other rewriting. */
function choices(one: Schema, other: Schema): Direction | undefined {
  if (!("anyOf" in one) && !("anyOf" in other)) return undefined;
  const before = alternatives(one);
  const after = alternatives(other);
  if (!before || !after) return undefined;
  const within = (some: unknown[], all: unknown[]) =>
    some.every((each) => all.some((candidate) => isDeepStrictEqual(bare(each), bare(candidate))));
  const wider = within(before, after);
  const narrower = within(after, before);
  if (wider === narrower) return undefined;
  return wider ? "looser" : "stricter";
}

function alternatives(schema: Schema): unknown[] | undefined {
  const said = Object.keys(bare(schema) as Schema);
  if (!said.includes("anyOf")) return [schema];
  return said.length === 1 && Array.isArray(schema.anyOf) ? schema.anyOf : undefined;
}

function bare(schema: unknown): unknown {
  if (!isObject(schema)) return schema;
  const checked = Object.entries(schema).filter(
    ([keyword]) => !texts.has(keyword) && !undirected.has(keyword),
  );
  return Object.fromEntries(checked);
}

/** A demand that is there or not; when it is another one, nobody can tell. */
const demand: Compare = (before, after, path) => {
  const direction = before === undefined ? "stricter" : after === undefined ? "looser" : "both";
  return [{ path, direction, before, after }];
};

const untold: Compare = (before, after, path) => [{ path, before, after }];

/** Limits: the first of these directions when the number went up. */
const bound =
  (up: Direction, down: Direction): Compare =>
  (before, after, path, role) => {
    if (typeof before !== "number" || typeof after !== "number") return demand(before, after, path, role);
    return [{ path, direction: after > before ? up : down, before, after }];
  };

/** Values of which one must be met: more of them are looser. Without the keyword every value does. */
const allowed =
  (listOf: (value: unknown) => unknown[]): Compare =>
  (before, after, path, role) => {
    if (before === undefined || after === undefined) return demand(before, after, path, role);
    const lost = listOf(before).some((each) => !has(listOf(after), each));
    const gained = listOf(after).some((each) => !has(listOf(before), each));
    if (lost && gained) return [{ path, direction: "both", before, after }];
    const direction = lost ? "stricter" : gained ? "looser" : undefined;
    return [{ path, ...(direction && { direction }), before, after }];
  };

/** Values that must all be met: more of them are stricter. */
const demanded: Compare = (before, after, path) => {
  const was = before === undefined ? [] : listIn(before);
  const is = after === undefined ? [] : listIn(after);
  const more = is.some((each) => !has(was, each));
  const less = was.some((each) => !has(is, each));
  const direction = more && less ? "both" : more ? "stricter" : less ? "looser" : undefined;
  return [{ path, ...(direction && { direction }), before, after }];
};

/** Schemas one beside the other, such as those of a tuple, or of alternatives that are as many as before. */
const inOrder: Compare = (before, after, path, role) => {
  if (!Array.isArray(before) || !Array.isArray(after) || before.length !== after.length)
    return [{ path, direction: "both", before, after }];
  return before.flatMap((each, index) => schemaChanges(each, after[index], childPath(path, index), role));
};

/** Schemas by name. What is there on one side only is told by `only`. */
const byName =
  (only: (role: Role) => { added?: Direction; removed?: Direction }): Compare =>
  (before = {}, after = {}, path, role) => {
    if (!isObject(before) || !isObject(after)) return [{ path, direction: "both", before, after }];
    const { added, removed } = only(role);
    return [...new Set([...Object.keys(before), ...Object.keys(after)])].flatMap((name) => {
      const at = childPath(path, name);
      const was = Object.hasOwn(before, name) ? before[name] : undefined;
      const is = Object.hasOwn(after, name) ? after[name] : undefined;
      if (was !== undefined && is !== undefined) return schemaChanges(was, is, at, role);
      const direction = was === undefined ? added : removed;
      return [{ path: at, ...(direction && { direction }), before: was, after: is }];
    });
  };

const either = (names: string[], compare: Compare) => names.map((name) => [name, compare] as const);

const comparisons: Readonly<Record<string, Compare>> = Object.fromEntries([
  ...either([...texts], () => []),
  ...either([...undirected], untold),
  ...either(
    ["minimum", "exclusiveMinimum", "minLength", "minItems", "minProperties", "minContains"],
    bound("stricter", "looser"),
  ),
  ...either(
    ["maximum", "exclusiveMaximum", "maxLength", "maxItems", "maxProperties", "maxContains"],
    bound("looser", "stricter"),
  ),
  ...either(["pattern", "format", "multipleOf", "not", "uniqueItems"], demand),
  ...either(
    ["additionalProperties", "unevaluatedProperties", "items", "propertyNames", "contains"],
    schemaChanges,
  ),
  ...either(["prefixItems", "allOf", "anyOf"], inOrder),
  // What is defined decides where it is referred to, and that is compared there.
  ...either(
    ["$defs", "definitions"],
    byName(() => ({})),
  ),
  ...either(
    ["properties"],
    byName((role) =>
      role === "input" ? { added: "looser", removed: "stricter" } : { added: "stricter", removed: "looser" },
    ),
  ),
  ...either(
    ["patternProperties"],
    byName(() => ({ added: "stricter", removed: "looser" })),
  ),
  ...either(["required"], demanded),
  ...either(["enum"], allowed(listIn)),
  ...either(["type"], allowed(typesIn)),
]);

const unknown: Compare = (before, after, path) => [{ path, direction: "both", before, after }];

function comparing(keyword: string): Compare {
  return Object.hasOwn(comparisons, keyword) ? (comparisons[keyword] ?? unknown) : unknown;
}

function listIn(value: unknown): unknown[] {
  return Array.isArray(value) ? value : [value];
}

/** Each integer is a number. */
function typesIn(value: unknown): unknown[] {
  return listIn(value).flatMap((type) => (type === "number" ? ["number", "integer"] : [type]));
}

function has(list: unknown[], wanted: unknown): boolean {
  return list.some((each) => isDeepStrictEqual(each, wanted));
}
