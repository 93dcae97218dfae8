/** What came of a check. */
export interface Outcome {
  passed: boolean;
  /** What was seen, or why it failed. */
  detail: string;
}

/** One check that can be made. What `run` throws is a failure of the check with that reason. */
export interface Check {
  subject: string;
  check: string;
  run: () => Promise<Outcome>;
}

/** A passed check. */
export const passed = (detail: string): Outcome => ({ passed: true, detail });

/** A failed check. */
export const failed = (detail: string): Outcome => ({ passed: false, detail });

/** Names for people, the first few of many. */
export function some(names: readonly string[], most = 6): string {
  const more = names.length - most;
  return more > 0 ? `${names.slice(0, most).join(", ")} and ${more} more` : names.join(", ");
}

/** A number with its noun: `1 tool`, `3 tools`. */
export function count(number: number, noun: string): string {
  return `${number} ${noun}${number === 1 ? "" : "s"}`;
}
