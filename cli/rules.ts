import { z } from "zod";
import { rules as all } from "../components/rules/index.ts";
import { levelOf, type Rule } from "../components/rules/rule.ts";
import { table } from "./table.ts";

/** Who enforces a rule and how: what components refuse, no policy lets pass. */
export function enforcementOf(rule: Rule): string {
  if (rule.enforcedBy === "policy") return `${levelOf(rule)} policy`;
  return rule.severity === "error" ? "always refused" : "always warned of";
}

/** A rule as data, for other tools. */
function asData({ check, having, parameters, ...facts }: Rule) {
  return {
    ...facts,
    level: levelOf(facts),
    ...(parameters && { parameters: z.toJSONSchema(parameters, { io: "input" }) }),
  };
}

/** Lists what declarations are judged by. */
export function rules({ json = false }: { json?: boolean } = {}): void {
  const list = json
    ? JSON.stringify(all.map(asData), undefined, 2)
    : table(
        ["CONCERN", "RULE", "ENFORCED", "WHAT HOLDS"],
        all.map((rule) => [rule.concern, rule.id, enforcementOf(rule), rule.title]),
      );
  process.stdout.write(`${list}\n`);
}
