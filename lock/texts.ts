import { isObject } from "../gateway/protocol/messages.ts";

/** The path of a part inside of another. Names that could be taken for two are quoted. */
export function childPath(path: string, name: string | number): string {
  const own = typeof name === "string" && !/^[\w$-]+$/.test(name) ? JSON.stringify(name) : String(name);
  return path === "" ? own : `${path}.${own}`;
}

const prose = new Set(["title", "description"]);

/** Every title and description in a definition, however deep, by its path: models read them all. Pure. */
export function textsIn(value: unknown, path = ""): Map<string, string> {
  const found = new Map<string, string>();
  for (const [key, each] of entriesOf(value)) {
    const at = childPath(path, key);
    if (typeof each === "string") {
      if (prose.has(String(key))) found.set(at, each);
    } else for (const [deeper, text] of textsIn(each, at)) found.set(deeper, text);
  }
  return found;
}

/** Every other text in a value, names of fields included: each of them reaches the model, and may carry what it reads. Pure. */
export function otherTextsIn(value: unknown): string[] {
  if (typeof value === "string") return [value];
  return entriesOf(value).flatMap(([key, each]) => {
    if (typeof key === "number") return otherTextsIn(each);
    return [key, ...(prose.has(key) && typeof each === "string" ? [] : otherTextsIn(each))];
  });
}

function entriesOf(value: unknown): [string | number, unknown][] {
  if (Array.isArray(value)) return [...value.entries()];
  return isObject(value) ? Object.entries(value) : [];
}
