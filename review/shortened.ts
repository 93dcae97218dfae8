import { code } from "./text.ts";

/** A part of a comment that stands or falls as a whole. */
export interface Section {
  stack: string;
  title: string;
  text: string;
  /** What is left out first has the highest. */
  rank: number;
}

/** A head with as many sections as there is room for, the most important ones, and a word on what was left out. Pure. */
export function shortened(head: string, sections: readonly Section[], limit: number): string {
  const kept = [...sections];
  const out: Section[] = [];
  for (;;) {
    const text = [head, ...kept.map((section) => section.text), ...note(out)].join("\n\n");
    const least = kept.reduce(
      (last, section, index) => (section.rank >= (kept[last]?.rank ?? 0) ? index : last),
      0,
    );
    if (text.length <= limit || kept.length === 0) return text;
    out.push(...kept.splice(least, 1));
  }
}

function note(out: readonly Section[]): string[] {
  if (out.length === 0) return [];
  const titles = Map.groupBy(out, ({ stack }) => stack);
  const words = [...titles].map(
    ([stack, all]) =>
      `${all.map(({ title }) => title.toLowerCase()).join(", ")} of ${code(stack)} (${code(`npx mcp-infra preview --stack ${stack}`)} shows all)`,
  );
  return [`_Left out, since a comment has a longest length: ${words.join("; ")}._`];
}
