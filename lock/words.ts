import type { CatalogueChange, ChangedPart } from "./change.ts";
import { hidden } from "./instructions.ts";
import type { Kind } from "./kinds.ts";

/** What each kind is called in a sentence. */
export const nouns: Readonly<Record<Kind, string>> = {
  tools: "tool",
  prompts: "prompt",
  resources: "resource",
  resourceTemplates: "resource template",
};

/** Longest schema or other value that is shown; texts are shown in full. */
const LENGTH = 300;

/**
 * Foreign text with what nobody sees in it spelled out, such as `\u{200b}`: a terminal would obey it, and a reviewer miss it.
 */
export function visible(text: string): string {
  return text.replace(hidden, (each) => `\\u{${each.codePointAt(0)?.toString(16)}}`);
}

/** A value on one line; nothing where there is none. */
export function inLine(value: unknown): string {
  if (value === undefined) return "(none)";
  const text = visible(JSON.stringify(value));
  return text.length > LENGTH ? `${text.slice(0, LENGTH - 1)}…` : text;
}

/** A text's lines, as those of a difference. */
export function lines(text: unknown, sign: "-" | "+"): string[] {
  return text === undefined
    ? []
    : visible(String(text))
        .split(/\r?\n/)
        .map((line) => `${sign} ${line}`);
}

/** What a part is and which way it went, such as `input stricter`. */
export function partInWords({ part, direction }: ChangedPart): string {
  const name = { inputSchema: "input", outputSchema: "output", other: "field" }[part as string] ?? part;
  return direction === "both" ? `${name} stricter and looser` : [name, direction].filter(Boolean).join(" ");
}

/** How many there are of what, and whom they break. */
export function summaryOf(changes: readonly CatalogueChange[]): string {
  const count = (wanted: string) => changes.filter(({ change }) => change === wanted).length;
  const counts = (["added", "removed", "changed"] as const)
    .map((change) => ({ change, number: count(change) }))
    .filter(({ number }) => number > 0)
    .map(({ change, number }) => `${number} ${change}`);
  const consumers = (wanted: string) => {
    const found = changes.flatMap(({ verdicts }) => verdicts.filter(({ verdict }) => verdict === wanted));
    return [...new Set(found.map(({ consumer }) => consumer))].sort().join(", ");
  };
  const marked = changes.filter(({ parts }) => parts.some(({ instructs }) => instructs)).length;
  return [
    counts.join(", "),
    consumers("breaks") && `breaks ${consumers("breaks")}`,
    consumers("concerns") && `concerns ${consumers("concerns")}`,
    marked > 0 && `${marked} ${marked === 1 ? "reads" : "read"} like instructions to the model`,
  ]
    .filter(Boolean)
    .join("; ");
}
