import { isDeepStrictEqual } from "node:util";
import { isObject, type JsonObject } from "../gateway/protocol/messages.ts";
import type { ChangedPart } from "./change.ts";
import { instructionsIn } from "./instructions.ts";
import { schemaChanges } from "./schema-changes.ts";
import { childPath, otherTextsIn, textsIn } from "./texts.ts";

type Part = ChangedPart["part"];

const schemas: Readonly<Record<string, Part>> = {
  inputSchema: "inputSchema",
  // A prompt's arguments are what a tool's input is.
  arguments: "inputSchema",
  outputSchema: "outputSchema",
};

/** Fields that are told of as texts, wherever they stand. */
const prose = new Set(["title", "description"]);

/**
 * What differs between two definitions of one thing. Every field in which they differ is told of. Pure.
 *
 * @param before absent when it is new: then every part of it is
 * @param foreign names of other servers' tools
 */
export function changedParts(
  before: JsonObject | undefined,
  after: JsonObject,
  foreign: readonly string[] = [],
): ChangedPart[] {
  const fields = [...new Set([...Object.keys(before ?? {}), ...Object.keys(after)])].filter(
    (field) => !prose.has(field) && !isDeepStrictEqual(before?.[field], after[field]),
  );
  const parts = [
    ...changedTexts(before, after),
    ...fields.flatMap((field) => changedField(field, before, after)),
  ];
  return parts.map((part) => marked(part, foreign));
}

function changedTexts(before: JsonObject | undefined, after: JsonObject): ChangedPart[] {
  const was = textsIn(before);
  const is = textsIn(after);
  return [...new Set([...is.keys(), ...was.keys()])].flatMap((path) =>
    was.get(path) === is.get(path) ? [] : [partOf("description", path, was.get(path), is.get(path))],
  );
}

function changedField(field: string, before: JsonObject | undefined, after: JsonObject): ChangedPart[] {
  // Without annotations, none of them is there.
  const absent = field === "annotations" && before ? {} : undefined;
  const was = before?.[field] ?? absent;
  const is = after[field] ?? absent;
  const schema = schemas[field];
  if (schema && before) {
    const [one, other] = field === "arguments" ? [argumentsSchema(was), argumentsSchema(is)] : [was, is];
    const found = schemaChanges(one, other, field, schema === "outputSchema" ? "output" : "input");
    // Another order, or texts alone: those are told of already, and what else it is must not be lost.
    return found.length > 0 || textsDiffer(was, is)
      ? found.map(({ path, direction, before, after }) => partOf(schema, path, before, after, direction))
      : [partOf(schema, field, was, is)];
  }
  if (field === "annotations" && before && isObject(was) && isObject(is)) {
    const hints = [...new Set([...Object.keys(was), ...Object.keys(is)])].filter((hint) => !prose.has(hint));
    const changed = hints.filter((hint) => !isDeepStrictEqual(was[hint], is[hint]));
    if (changed.length > 0 || textsDiffer(was, is))
      return changed.map((hint) => partOf("annotations", childPath(field, hint), was[hint], is[hint]));
  }
  return [partOf(schema ?? (field === "annotations" ? "annotations" : "other"), field, was, is)];
}

function textsDiffer(one: unknown, other: unknown): boolean {
  return !isDeepStrictEqual([...textsIn(one)], [...textsIn(other)]);
}

/** A prompt's arguments as the schema of what is sent: texts by their names. */
export function argumentsSchema(list: unknown): JsonObject {
  const named = (Array.isArray(list) ? list : []).filter(isObject);
  const properties = named.map(({ name, required, ...rest }) => [String(name), { ...rest, type: "string" }]);
  const required = named.filter((each) => each.required === true).map(({ name }) => String(name));
  return { type: "object", properties: Object.fromEntries(properties), required };
}

function partOf(
  part: Part,
  path: string,
  before: unknown,
  after: unknown,
  direction?: ChangedPart["direction"],
): ChangedPart {
  return {
    part,
    ...(direction && { direction }),
    path,
    ...(before !== undefined && { before }),
    ...(after !== undefined && { after }),
  };
}

/** Each text is looked at where it is told of: titles and descriptions by themselves, whatever else in its part. */
function marked(part: ChangedPart, foreign: readonly string[]): ChangedPart {
  const texts = part.part === "description" ? [String(part.after ?? "")] : otherTextsIn(part.after);
  const signs = [...new Set(texts.flatMap((text) => instructionsIn(text, foreign)))];
  return signs.length > 0 ? { ...part, instructs: true, signs } : part;
}
