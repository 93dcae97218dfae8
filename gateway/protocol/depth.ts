/** More levels than any schema or result has. `JSON.parse` reads any number of them, `JSON.stringify` gives up at thousands. */
const MOST_LEVELS = 500;

/** Whether JSON nests so deeply that it might be read, but not be written again. */
export function isTooDeep(value: unknown, levels = MOST_LEVELS): boolean {
  if (typeof value !== "object" || value === null) return false;
  if (levels === 0) return true;
  const inner: readonly unknown[] = Array.isArray(value) ? value : Object.values(value);
  return inner.some((each) => isTooDeep(each, levels - 1));
}
