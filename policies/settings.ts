import { z } from "zod";
import { faultsOf } from "../components/model/faults.ts";
import { type Level, levelOf, type Rule } from "../components/rules/rule.ts";

/** What a team decides about one rule. */
export interface RuleSettings {
  /** Whether what violates it is refused or shown. Default: that of all, else the rule's own. */
  level?: Level;
  /** Switches it off, for a reason that others can read, up to and including a day: `2026-12-31`. */
  off?: { reason: string; until: string };
  /** Parameters of the rule; `npx mcp-infra rules` and docs/rules.md say which. Default: the rule's own. */
  parameters?: Record<string, unknown>;
}

/** What a team decides about the policies. What components refuse by themselves is refused whatever stands here. */
export interface PolicySettings {
  /** The level of every policy. Default: each rule's own. */
  all?: Level | "disabled";
  /** What is different for single rules, by their id; a level alone may stand by itself. */
  rules?: Record<string, Level | RuleSettings>;
}

/** What became of a rule. */
export interface Decision {
  /** With the parameters that the team has set. */
  rule: Rule;
  level: Level | "disabled";
  /** That it was off until a day that is over. */
  note?: string;
}

/** What components enforce is on, and no policy changes that. */
const isFixed = ({ enforcedBy, severity }: Rule) => enforcedBy === "component" && severity === "error";

const levelSchema = z
  .unknown()
  .refine((level) => level !== "disabled", {
    error: 'is off without a word: write off: { reason: "…", until: "2026-12-31" }',
    abort: true,
  })
  .pipe(z.enum(["advisory", "mandatory"]));

const offSchema = z.strictObject({
  reason: z.string().trim().min(10, "is too short to tell others why the rule is off"),
  until: z.iso.date("is no day; write one like 2026-12-31"),
});

const alone = (value: unknown) => (typeof value === "object" ? value : { level: value });

function schemaOf(rule: Rule): z.ZodType {
  if (isFixed(rule))
    return z.undefined({
      error: "is refused by the component itself, whatever a policy says: correct what it finds",
    });
  const parameters = rule.parameters ?? z.strictObject({});
  return z.preprocess(
    alone,
    z.strictObject({
      level: levelSchema.optional(),
      off: offSchema.optional(),
      parameters: parameters.optional(),
    }),
  );
}

function settingsSchema(rules: readonly Rule[]) {
  const entries = Object.fromEntries(rules.map((rule) => [rule.id, schemaOf(rule).optional()]));
  return z.strictObject({
    all: z.enum(["advisory", "mandatory", "disabled"]).optional(),
    rules: z.strictObject(entries).optional(),
  });
}

/**
 * What becomes of each rule, or everything that is wrong with the settings. Pure.
 * @param today as `2026-12-31`
 */
export function decide(
  rules: readonly Rule[],
  settings: PolicySettings,
  today: string,
): { decisions: Decision[]; faults: string[] } {
  const schema = settingsSchema(rules);
  const result = schema.safeParse(settings);
  if (!result.success) {
    const faults = faultsOf(schema, result.error.issues, settings);
    return {
      decisions: [],
      faults: faults.map(({ path, reason }) => [path, reason].filter(Boolean).join(": ")),
    };
  }
  return { decisions: rules.map((rule) => decision(rule, settings, today)), faults: [] };
}

function decision(rule: Rule, { all, rules = {} }: PolicySettings, today: string): Decision {
  if (isFixed(rule)) return { rule, level: levelOf(rule) };
  const { level, off, parameters } = alone(rules[rule.id] ?? {}) as RuleSettings;
  const tuned = parameters ? (rule.having?.(parameters) ?? rule) : rule;
  const isOver = off !== undefined && off.until < today;
  if (off && !isOver) return { rule: tuned, level: "disabled" };
  return {
    rule: tuned,
    level: level ?? all ?? levelOf(rule),
    ...(isOver && { note: `${rule.id} is on again: it was off until ${off.until}, "${off.reason}"` }),
  };
}
