import { describe } from "../components/rules/finding.ts";
import { renderReadiness } from "../components/views/readiness.ts";
import { renderChanges } from "../lock/index.ts";
import { visible } from "../lock/words.ts";
import { type Review, type Verdict, verdictOf } from "./verdict.ts";
import { bySubject, inWords, operationsInWords } from "./words.ts";

const headlines: Record<Verdict["verdict"], string> = {
  refused: "✗ refused",
  attention: "! needs attention",
  passes: "✓ will go through",
  unchanged: "✓ nothing changes",
};

const signs = { none: " ", interruption: "!", lasting: "!" } as const;

/** A review of one stack for a terminal. Pure. */
export function renderReview(review: Review): string {
  const { preview, catalogue } = review;
  const { verdict, reasons } = verdictOf(review);
  const why = [...reasons, operationsInWords(preview.operations)].filter(Boolean).join("; ");
  const parts: [title: string, text: string][] = [
    ["why it fails", preview.error ?? ""],
    ["findings", describe(preview.findings)],
    ["changes", changesText(review)],
    [
      "while it is deployed",
      preview.effects.map(({ subject, impact, text }) => `${signs[impact]} ${subject} ${text}`).join("\n"),
    ],
    ["catalogue", [renderChanges(catalogue.changes), catalogue.note ?? ""].filter(Boolean).join("\n")],
    ["readiness", preview.readiness ? renderReadiness(preview.readiness) : ""],
  ];
  return [
    `stack ${preview.stack}: ${headlines[verdict]}${why ? ` (${why})` : ""}`,
    ...parts.flatMap(([title, text]) => (text ? ["", title, indented(text)] : [])),
  ].join("\n");
}

function changesText({ preview }: Review): string {
  return bySubject(preview.changes)
    .flatMap(([{ kind, name }, all]) =>
      all.map((change) => `${kind} ${name}: ${inWords(change, (text) => text)}`),
    )
    .join("\n");
}

/** Foreign text can't move the cursor. */
function indented(text: string): string {
  return text
    .split("\n")
    .map((line) => `  ${visible(line)}`)
    .join("\n");
}
