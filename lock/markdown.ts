import type { CatalogueChange, ChangedPart } from "./change.ts";
import { inLine, lines, nouns, partInWords, summaryOf, visible } from "./words.ts";

/**
 * Changes as Markdown for a pull request's comment. All foreign text stands in code, where it is neither a link nor a mention
 * nor markup. Empty when there are none. Pure.
 */
export function markdownOf(changes: readonly CatalogueChange[]): string {
  if (changes.length === 0) return "";
  return [`${summaryOf(changes)}.`, ...changes.map(oneChange)].join("\n\n");
}

const icons = { breaks: "❌", concerns: "⚠️", none: "✅" } as const;

function oneChange({ kind, name, change, seenBy, parts, verdicts }: CatalogueChange): string {
  const verdictLines = verdicts.map(
    ({ consumer, verdict, reason }) =>
      `- ${icons[verdict]} ${verdict === "none" ? "does not break" : `**${verdict}**`} \`${consumer}\`: ${prose(reason)}`,
  );
  const detail = parts.flatMap(onePart).join("\n");
  const open = verdicts.some(({ verdict }) => verdict !== "none") ? " open" : "";
  return [
    `**${change}** ${nouns[kind]} ${code(name)}, for ${seenBy.map(code).join(", ")}`,
    ...(verdictLines.length > 0 ? [verdictLines.join("\n")] : []),
    ...(detail ? [`<details${open}><summary>What changed</summary>\n\n${detail}\n</details>`] : []),
  ].join("\n\n");
}

function onePart(part: ChangedPart): string[] {
  const { path = "", before, after, signs = [] } = part;
  const marks = signs.map((sign) => `  - ⚠️ ${prose(sign)}`);
  if (part.part !== "description")
    return [
      `- ${partInWords(part)} ${code(path)}: ${code(inLine(before))} → ${code(inLine(after))}`,
      ...marks,
    ];
  const text = [...lines(before, "-"), ...lines(after, "+")].join("\n");
  const fence = fenceFor(text, 3);
  return [`- ${code(path)}`, ...marks, "", `${fence}diff\n${text}\n${fence}`, ""];
}

/** Words of ours that may quote a foreign name. */
function prose(text: string): string {
  return visible(text)
    .replace(/\s+/g, " ")
    .replace(/[\\`*_{}[\]<>()#+!|@~&]/g, "\\$&");
}

function code(text: string): string {
  const plain = visible(text).replace(/\s+/g, " ");
  const fence = fenceFor(plain, 1);
  return /^`|`$/.test(plain) ? `${fence} ${plain} ${fence}` : `${fence}${plain}${fence}`;
}

/** One more backtick than any run of them inside. */
function fenceFor(text: string, least: number): string {
  const longest = Math.max(0, ...(text.match(/`+/g) ?? []).map((run) => run.length));
  return "`".repeat(Math.max(least, longest + 1));
}
