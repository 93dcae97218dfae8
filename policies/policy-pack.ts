import { PolicyPack } from "@pulumi/policy";
import { rules } from "../components/rules/index.ts";
import type { Rule } from "../components/rules/rule.ts";
import { rulePolicy } from "./rule-policy.ts";
import { decide, type PolicySettings } from "./settings.ts";

export type { Concern, Level, Rule, Violation } from "../components/rules/rule.ts";
export { tunable } from "../components/rules/rule.ts";
export type { PolicySettings, RuleSettings } from "./settings.ts";

/** What {@link policyPack} takes. */
export interface PolicyPackArgs extends PolicySettings {
  /** Rules of your own, beside those of the framework. Default: none. */
  own?: readonly Rule[];
}

/**
 * The policy pack, with what a team decides about it: its levels, what is off, why and until when, parameters, and rules
 * of its own. It is the whole program of a policy pack:
 *
 * ```ts
 * policyPack({
 *   all: "advisory",
 *   rules: {
 *     "pinned-artifacts": "mandatory",
 *     "narrow-egress": { off: { reason: "the crawler has to reach any site", until: "2026-12-31" } },
 *     "tools-justified": { parameters: { most: 60 } },
 *   },
 * });
 * ```
 *
 * Settings that are wrong end the process, which refuses the preview, with everything that is wrong.
 */
export function policyPack({ own = [], ...settings }: PolicyPackArgs = {}): void {
  const all = [...rules, ...own];
  const taken = own.filter(({ id }, index) => all.findIndex((rule) => rule.id === id) < rules.length + index);
  const { decisions, faults } = decide(all, settings, new Date().toISOString().slice(0, 10));
  const wrong = [...taken.map(({ id }) => `own: ${id} is the id of another rule`), ...faults];
  if (wrong.length > 0) {
    process.stderr.write(
      `the settings of the policies are refused\n${wrong.map((text) => `✗ ${text}\n`).join("")}`,
    );
    process.exit(1);
  }
  for (const { note } of decisions) if (note) process.stderr.write(`${note}\n`);
  new PolicyPack("mcp-infra", {
    policies: decisions.map(({ rule, level, note }) => rulePolicy(rule, level, note)),
  });
}
