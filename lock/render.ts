import type { CatalogueChange, ChangedPart } from "./change.ts";
import { inLine, lines, nouns, partInWords, summaryOf, visible } from "./words.ts";

/** Changes as text for a terminal, the verdicts first, changed texts in full. Empty when there are none. Pure. */
export function renderChanges(changes: readonly CatalogueChange[]): string {
  if (changes.length === 0) return "";
  return [...changes.map(renderChange), `${summaryOf(changes)}.`].join("\n\n");
}

function renderChange({ kind, name, change, seenBy, parts, verdicts }: CatalogueChange): string {
  return [
    `${change} ${nouns[kind]} ${visible(name)}, for ${seenBy.join(", ")}`,
    ...verdicts.map(({ consumer, verdict, reason }) =>
      verdict === "none"
        ? `  ✓ does not break ${consumer}: ${visible(reason)}`
        : `  ${verdict === "breaks" ? "✗" : "!"} ${verdict} ${consumer}: ${visible(reason)}`,
    ),
    ...parts.flatMap(renderPart),
  ].join("\n");
}

function renderPart(part: ChangedPart): string[] {
  const { path = "", before, after, signs = [] } = part;
  const marks = signs.map((sign) => `      ! ${visible(sign)}`);
  if (part.part === "description") {
    const texts = [...lines(before, "-"), ...lines(after, "+")].map((line) => `      ${line}`);
    return [`    ${visible(path)}`, ...texts, ...marks];
  }
  return [`    ${partInWords(part)}: ${visible(path)}: ${inLine(before)} → ${inLine(after)}`, ...marks];
}
