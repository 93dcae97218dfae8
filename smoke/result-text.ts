import type { JsonObject } from "./session.ts";

/**
 * All text in a result, whatever its content types, and its structured content as JSON; binary data and
 * `_meta` left out.
 */
export function textOf(result: JsonObject): string {
  const { _meta, structuredContent, ...rest } = result;
  const structured = structuredContent === undefined ? [] : [JSON.stringify(structuredContent)];
  return [...stringsIn(rest), ...structured].join("\n");
}

/** Fields that say what something is, or hold bytes: no text of the result. */
const notText = new Set(["_meta", "type", "data", "blob", "mimeType", "resultType", "role", "cacheScope"]);

function stringsIn(value: unknown): string[] {
  if (typeof value === "string") return [value];
  if (Array.isArray(value)) return value.flatMap(stringsIn);
  if (typeof value !== "object" || value === null) return [];
  return Object.entries(value).flatMap(([key, each]) => (notText.has(key) ? [] : stringsIn(each)));
}
