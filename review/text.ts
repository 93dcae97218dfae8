import { visible } from "../lock/words.ts";

/**
 * Text that others may have written, for the middle of a Markdown paragraph or a table's cell: it is neither markup nor a
 * link nor a mention there, and stays on its line.
 */
export function prose(text: string): string {
  return (
    oneLine(text)
      .replace(/[\\`*_{}[\]<>()#+!|~&]/g, "\\$&")
      .replace(/^([-=]|\d+\.)/, "\\$1")
      .replaceAll("://", "\\://")
      .replace(/\bwww\./gi, "www\\.")
      // Who is named with an @ is told, also when it is escaped; with nothing visible behind it, it names nobody.
      .replaceAll("@", "@\u200b")
  );
}

/** A name as code, with more backticks around it than it has in it. */
export function code(text: string): string {
  const plain = oneLine(text).replaceAll("|", "\\|");
  const fence = "`".repeat(longestRun(plain) + 1);
  return /^`|`$/.test(plain) ? `${fence} ${plain} ${fence}` : `${fence}${plain}${fence}`;
}

/** Lines as a block of code. */
export function block(text: string, language = ""): string {
  const shown = text.split("\n").map(visible).join("\n");
  const fence = "`".repeat(Math.max(3, longestRun(shown) + 1));
  return `${fence}${language}\n${shown}\n${fence}`;
}

/** Something long that a reader may open. */
export function details(summary: string, content: string): string {
  return `<details><summary>${summary}</summary>\n\n${content}\n\n</details>`;
}

function oneLine(text: string): string {
  return visible(text.replace(/\s+/g, " ").trim());
}

function longestRun(text: string): number {
  return Math.max(0, ...(text.match(/`+/g) ?? []).map((run) => run.length));
}
