import type { CatalogueReview } from "./catalogue.ts";
import type { Preview } from "./preview.ts";

/** One stack's preview with what else is known of the change. */
export interface Review {
  preview: Preview;
  catalogue: CatalogueReview;
}

/** How a review ends. */
export interface Verdict {
  verdict: "refused" | "attention" | "passes" | "unchanged";
  /** Why, each in a few words. */
  reasons: string[];
}

/** Whether a change would go through, and what a reviewer has to look at. Pure. */
export function verdictOf({ preview, catalogue }: Review): Verdict {
  const errors = preview.findings.filter(({ severity }) => severity === "error");
  if (errors.length > 0 || preview.error !== undefined) {
    const reasons = [
      ...(errors.length > 0 ? [count(errors.length, "finding")] : []),
      ...(preview.readiness?.status === "BLOCKED" ? ["not ready"] : []),
      ...(errors.length === 0 && preview.error !== undefined ? ["the preview failed"] : []),
    ];
    return { verdict: "refused", reasons };
  }
  const reasons = [
    ...breaking(catalogue),
    ...some(preview.effects.filter(({ impact }) => impact === "lasting").length, "lasting effect"),
    ...some(preview.effects.filter(({ impact }) => impact === "interruption").length, "interruption"),
    ...some(preview.findings.length, "warning"),
  ];
  if (reasons.length > 0) return { verdict: "attention", reasons };
  const changed = Object.keys(preview.operations).length > 0 || catalogue.changes.length > 0;
  return { verdict: changed ? "passes" : "unchanged", reasons };
}

function breaking({ changes }: CatalogueReview): string[] {
  const broken = changes.flatMap(({ verdicts }) =>
    verdicts.filter(({ verdict }) => verdict === "breaks").map(({ consumer }) => consumer),
  );
  const instructing = changes.filter(({ parts }) => parts.some(({ instructs }) => instructs)).length;
  return [
    ...(broken.length > 0 ? [`breaks ${[...new Set(broken)].join(", ")}`] : []),
    ...some(
      instructing,
      "definition that reads like instructions",
      "definitions that read like instructions",
    ),
  ];
}

function some(number: number, one: string, many?: string): string[] {
  return number > 0 ? [count(number, one, many)] : [];
}

function count(number: number, one: string, many = `${one}s`): string {
  return `${number} ${number === 1 ? one : many}`;
}
