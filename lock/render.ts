import type { CatalogueChange } from "./compare.ts";

/** Changes as text for a terminal. Pure. */
export function renderChanges(changes: readonly CatalogueChange[]): string {
  return changes.map(({ change, name }) => `${change} ${name}`).join("\n");
}

/** Changes as Markdown for a pull request's comment. Pure. */
export function markdownOf(changes: readonly CatalogueChange[]): string {
  return changes.map(({ change, name }) => `- ${change} \`${name}\``).join("\n");
}
