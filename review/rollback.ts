import type { Preview } from "./preview.ts";
import type { Deployment } from "./sections.ts";
import { code, prose } from "./text.ts";

/** How a change is taken back, and what of it can't be. Empty where there is nothing to take back. */
export function rollbackOf(preview: Preview, { up, down }: Deployment): string {
  const { stack, before, effects, operations } = preview;
  if (Object.keys(operations).length === 0) return "";
  if (!before) return `Nothing is deployed yet: ${code(down(stack))} takes it away again.`;
  const lasting = effects.filter(({ impact }) => impact === "lasting");
  return [
    `Revert the merge commit, and deploy what was before: ${code("git revert -m 1 <merge>")}, then ${code(up(stack))}. The smoke test proves it.`,
    ...(lasting.length > 0
      ? [
          `This does not come back by itself:\n${lasting.map(({ subject, text }) => `- ${prose(subject)} ${text}`).join("\n")}`,
        ]
      : []),
  ].join("\n\n");
}
