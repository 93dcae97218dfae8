import { type Deployment, sectionsOf } from "./sections.ts";
import { type Section, shortened } from "./shortened.ts";
import { code } from "./text.ts";
import { type Review, type Verdict, verdictOf } from "./verdict.ts";
import { operationsInWords } from "./words.ts";

/** Stands first in each comment, unseen, so that the next run finds the comment and edits it in place. */
export const marker = "<!-- mcp-infra preview -->";

/** What GitHub takes in one comment, with room for what a workflow adds. */
const longest = 65_000;

const headlines: Record<Verdict["verdict"], string> = {
  refused: "❌ MCP integration: refused",
  attention: "⚠️ MCP integration: needs attention",
  passes: "✅ MCP integration: will go through",
  unchanged: "✅ MCP integration: nothing changes",
};

const verdictWords: Record<Verdict["verdict"], string> = {
  refused: "❌ refused",
  attention: "⚠️ needs attention",
  passes: "✅ will go through",
  unchanged: "✅ nothing changes",
};

const worstFirst: readonly Verdict["verdict"][] = ["refused", "attention", "passes", "unchanged"];

/**
 * One comment for a pull request, about one or several stacks: the verdict first, then what a reviewer acts on. Where it
 * would be too long, whole sections are left out, and it says which. Pure.
 */
export function commentOf(reviews: readonly Review[], deployment: Deployment, limit = longest): string {
  const verdicts = reviews.map(verdictOf);
  const worst = worstFirst.find((each) => verdicts.some(({ verdict }) => verdict === each)) ?? "unchanged";
  const lines = reviews.map((review, index) => {
    const { verdict, reasons } = verdicts[index] ?? { verdict: "unchanged", reasons: [] };
    const operations = operationsInWords(review.preview.operations);
    const why = [...reasons, ...(operations ? [operations] : [])].join("; ");
    return `- ${code(review.preview.stack)}: ${verdictWords[verdict]}${why ? ` (${why})` : ""}`;
  });
  const sections = reviews.flatMap((review): Section[] => {
    const own = sectionsOf(review, deployment);
    const { stack } = review.preview;
    return own.map((section, index) => ({
      ...section,
      stack,
      ...(reviews.length > 1 && index === 0 && { text: `### Stack ${code(stack)}\n\n${section.text}` }),
    }));
  });
  return `${shortened([marker, `## ${headlines[worst]}`, lines.join("\n")].join("\n\n"), sections, limit)}\n`;
}
