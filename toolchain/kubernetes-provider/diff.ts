import { isDeepStrictEqual } from "node:util";
import { at } from "./objects.ts";
import { isReplaced } from "./replacement.ts";
import { isRecord } from "./values.ts";

export type Path = readonly (string | number)[];

export interface Change {
  path: Path;
  kind: "add" | "delete" | "update";
  replace: boolean;
}

/**
 * What differs between two values, at the innermost place, so that a preview shows one line a change.
 * @param replaced the paths whose change makes another object of it
 */
export function changes(old: unknown, now: unknown, replaced: readonly string[]): Change[] {
  return differences(old, now, []).map(({ path, kind }) => ({
    path,
    kind,
    replace: isReplaced(path, replaced) || replaced.some((pattern) => holds(pattern, path, old, now)),
  }));
}

/** Whether something added or removed whole has in it what a pattern names, such as `spec` with a selector. */
function holds(pattern: string, path: Path, old: unknown, now: unknown): boolean {
  const parts = pattern.split(".");
  if (parts.length <= path.length || path.some((key, index) => String(key) !== parts[index])) return false;
  return !isDeepStrictEqual(at(old, ...parts), at(now, ...parts));
}

type Difference = Omit<Change, "replace">;

function differences(old: unknown, now: unknown, path: Path): Difference[] {
  if (isDeepStrictEqual(old, now)) return [];
  if (old === undefined) return [{ path, kind: "add" }];
  if (now === undefined) return [{ path, kind: "delete" }];
  if (Array.isArray(old) && Array.isArray(now)) {
    const indices = Array.from({ length: Math.max(old.length, now.length) }, (_, index) => index);
    return indices.flatMap((index) => differences(old[index], now[index], [...path, index]));
  }
  if (isRecord(old) && isRecord(now)) {
    const keys = new Set([...Object.keys(old), ...Object.keys(now)]);
    return [...keys].flatMap((key) => differences(old[key], now[key], [...path, key]));
  }
  return [{ path, kind: "update" }];
}

/** A path as the engine reads it: `metadata.labels["app.kubernetes.io/name"]`, `spec.containers[0].image`. */
export function pathText(path: Path): string {
  return path.reduce<string>((text, key) => {
    if (typeof key === "number") return `${text}[${key}]`;
    if (/[."[\]]/.test(key)) return `${text}["${key.replaceAll('"', '\\"')}"]`;
    return text === "" ? key : `${text}.${key}`;
  }, "");
}

/** Reads such a path, as `ignoreChanges` has it. */
export function parsePath(text: string): Path {
  const parts = text.matchAll(/\[(\d+)\]|\["((?:[^"\\]|\\.)*)"\]|([^.[\]]+)/g);
  return [...parts].map(([, index, quoted, name]) =>
    index === undefined ? (quoted?.replaceAll('\\"', '"') ?? name ?? "") : Number(index),
  );
}
