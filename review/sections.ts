import { diagram } from "../components/views/diagram.ts";
import { markdownOf } from "../lock/index.ts";
import { findingsSection } from "./findings-section.ts";
import type { Preview } from "./preview.ts";
import { rollbackOf } from "./rollback.ts";
import type { Section } from "./shortened.ts";
import { block, code, details, prose } from "./text.ts";
import type { Review } from "./verdict.ts";
import { bySubject, inWords } from "./words.ts";

/** How a stack is deployed in this project. */
export interface Deployment {
  /** The command that deploys a stack. */
  up(stack: string): string;
  /** The command that takes a stack away. */
  down(stack: string): string;
}

/** What a comment says of one stack, by its parts; those that have nothing to say are absent. */
export function sectionsOf(review: Review, deployment: Deployment): Omit<Section, "stack">[] {
  const { preview } = review;
  const parts: [title: string, rank: number, text: string | undefined][] = [
    ["Why it fails", 0, preview.error && block(preview.error, "text")],
    ["Findings", 1, findingsSection(preview.findings)],
    ["Changes", 2, changesText(preview)],
    ["While it is deployed", 2, effectsText(preview)],
    ["Catalogue", 3, catalogueText(review)],
    ["Readiness", 5, readinessText(preview)],
    ["Diagram", 6, diagramText(preview)],
    ["How to roll back", 4, rollbackOf(preview, deployment)],
  ];
  return parts.flatMap(([title, rank, text]) =>
    text ? [{ title, rank, text: `#### ${title}\n\n${text}` }] : [],
  );
}

/** More than fits on a screen is folded. */
const manyLines = 25;

function changesText({ changes, model, error }: Preview): string {
  if (changes.length === 0) return model || !error ? "Nothing of what is declared changes." : "";
  const lines = bySubject(changes).map(([{ kind, name }, all]) => {
    const words = all.map((change) => inWords(change, code));
    return words.length === 1
      ? `- ${kind} ${code(name)} ${words[0]}`
      : `- ${kind} ${code(name)}\n${words.map((each) => `  - ${each}`).join("\n")}`;
  });
  const text = lines.join("\n");
  const number = text.split("\n").length;
  return number > manyLines ? details(`${changes.length} changes`, text) : text;
}

const signs = { none: "✅", interruption: "⚠️", lasting: "❗" } as const;

function effectsText({ effects }: Preview): string {
  const starting = effects.filter(({ text }) => text === "starts");
  const others = effects.filter(({ text }) => text !== "starts");
  return [
    ...others.map(({ subject, impact, text }) => `- ${signs[impact]} ${prose(subject)} ${text}`),
    ...(starting.length > 0 ? [`- ✅ new: ${starting.map(({ subject }) => prose(subject)).join(", ")}`] : []),
  ].join("\n");
}

function catalogueText({ catalogue }: Review): string {
  const { changes, costs, note } = catalogue;
  return [
    markdownOf(changes),
    ...(changes.length > 0 && costs.length > 0
      ? [`Cost in context, an estimate: ${costs.map(prose).join(", ")}`]
      : []),
    ...(note ? [`${prose(note)}`] : []),
  ]
    .filter(Boolean)
    .join("\n\n");
}

function readinessText({ readiness }: Preview): string {
  if (!readiness) return "";
  const items = readiness.items.map(({ item, holds, evidence = "", reason = "", nextStep = "" }) =>
    holds
      ? `- ✅ ${prose(item)}: ${prose(evidence)}`
      : `- ❌ **${prose(item)}**: ${prose(reason)}\n  - next step: ${prose(nextStep)}`,
  );
  const list = items.join("\n");
  return readiness.status === "READY"
    ? details("✅ READY: all six items hold", list)
    : `❌ BLOCKED\n\n${list}`;
}

function diagramText({ before, model }: Preview): string {
  const [was, is] = [before && diagram(before), model && diagram(model)];
  if (!is || was === is) return is ? details("As it is, and stays", block(is, "mermaid")) : "";
  return [
    ...(was ? [details("Before", block(was, "mermaid"))] : []),
    details(was ? "After" : "As it will be", block(is, "mermaid")),
  ].join("\n\n");
}
