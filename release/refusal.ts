/** Why something is not released or promoted, for people. */
export interface Refusal {
  reason: string;
  /** What to do about it. */
  remedy: string;
}

/** Refusals as a list, the same remedy once. */
export function describeRefusals(refusals: readonly Refusal[]): string {
  const byRemedy = Map.groupBy(refusals, ({ remedy }) => remedy);
  return [...byRemedy]
    .flatMap(([remedy, same]) => [...same.map(({ reason }) => `  ✗ ${reason}`), `      → ${remedy}`])
    .join("\n");
}
