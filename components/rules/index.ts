import { failover } from "./failover/index.ts";
import { operations } from "./operations/index.ts";
import type { Rule } from "./rule.ts";
import { security } from "./security/index.ts";

/** Every rule of the framework; a new rule is a file of its own and a line in the index of its concern. */
export const rules: readonly Rule[] = [...security, ...failover, ...operations];

/** The rules that a component enforces itself, with or without a policy pack. */
export const componentRules: readonly Rule[] = rules.filter(({ enforcedBy }) => enforcedBy === "component");
