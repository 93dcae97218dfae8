import type { IntegrationModel } from "../model/integration.ts";
import { rules as allRules } from "../rules/index.ts";
import { check, type Rule } from "../rules/rule.ts";
import { type Gap, items, type ReadinessItem } from "./readiness-items.ts";

/** One item of the checklist with the verdict on it. */
export interface ReadinessVerdict {
  /** The item, in the checklist's words. */
  item: string;
  holds: boolean;
  /** What was found in the declaration; present when the item holds. */
  evidence?: string;
  /** What is missing, a line each; present when the item doesn't hold. */
  reason?: string;
  /** What to do, a line each; present when the item doesn't hold. */
  nextStep?: string;
}

/** Whether an integration may go live, with the reason for each item. */
export interface Readiness {
  status: "READY" | "BLOCKED";
  /** All six items, in the checklist's order. */
  items: ReadinessVerdict[];
}

/** The last line of a checklist of which every item holds. */
const complete = "✅ Pre-integration verification complete: Ready to integrate MCP servers";

/** Declared text, such as the purpose, must not be able to write lines of the checklist. */
const oneLine = (text: string) => text.replace(/[\s\p{Cc}]+/gu, " ");

const lines = (texts: string[]) => [...new Set(texts.map(oneLine))].join("\n");

function verdict(item: ReadinessItem, model: IntegrationModel, rules: readonly Rule[]): ReadinessVerdict {
  const found = check(
    rules.filter(({ id }) => item.listensTo.includes(id)),
    // Readiness is a question about the whole, so that what is absent counts as missing.
    { ...model, scope: "integration" },
  )
    .filter(({ severity }) => severity === "error")
    .map(({ path, reason, remediation }): Gap => ({ reason: `${path}: ${reason}`, nextStep: remediation }));
  const gaps = [...item.gaps(model), ...found];
  if (gaps.length === 0) return { item: item.item, holds: true, evidence: oneLine(item.evidence(model)) };
  return {
    item: item.item,
    holds: false,
    reason: lines(gaps.map(({ reason }) => reason)),
    nextStep: lines(gaps.map(({ nextStep }) => nextStep)),
  };
}

/** Judges a model by the six items, each from evidence in the model and the findings of the rules it listens to. */
export function readiness(model: IntegrationModel, rules: readonly Rule[] = allRules): Readiness {
  const verdicts = items.map((item) => verdict(item, model, rules));
  return { status: verdicts.every(({ holds }) => holds) ? "READY" : "BLOCKED", items: verdicts };
}

const labelled = (label: string, text: string) =>
  text.split("\n").map((line, index) => `   ${(index === 0 ? label : "").padEnd(10)} ${line}`);

function renderItem({ item, holds, evidence = "", reason = "", nextStep = "" }: ReadinessVerdict): string[] {
  if (holds) return [`✅ ${item}: ${evidence}`];
  return [`❌ ${item}`, ...labelled("Reason:", reason), ...labelled("Next step:", nextStep)];
}

/**
 * The checklist as text. A ready one ends with its status and the confirmation; a blocked one begins with its
 * status, so that a long list of reasons doesn't hide it.
 */
export function renderReadiness({ status, items: verdicts }: Readiness): string {
  const list = verdicts.flatMap(renderItem);
  const head = `Status: ${status}`;
  return (status === "READY" ? [...list, head, complete] : [head, ...list]).join("\n");
}
