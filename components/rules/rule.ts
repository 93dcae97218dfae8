import type { z } from "zod";
import type { IntegrationModel, ModelScope } from "../model/integration.ts";
import type { Finding, Severity } from "./finding.ts";

/** What a rule is about: who may do what; what happens when something fails; what those need who run it. */
export type Concern = "security" | "failover" | "operations";

/** One thing that is right or wrong about a model: a pure function with what a reader of its findings needs. */
export interface Rule {
  /** Lower-case words joined by hyphens; the name of the Pulumi policy too. */
  id: string;
  concern: Concern;
  /** One line that says what holds when the rule is kept. */
  title: string;
  severity: Severity;
  /**
   * `component`: unsafe or contradictory whatever a policy says; the component itself refuses it, with or
   * without a policy pack. `policy`: what a team may decide; the policy pack refuses it.
   */
  enforcedBy: "component" | "policy";
  /** The least of an integration that must be known before the rule can judge. */
  needs: ModelScope;
  /** What to do about a finding. */
  remediation: string;
  /** What keeps the rule, as a program has it. */
  code?: string;
  /** Where the rule comes from. */
  reference: string;
  /** What violates the rule in a model. */
  check(model: IntegrationModel): Violation[];
  /** What a team may set about the rule, each with its default. */
  parameters?: z.ZodObject;
  /** The rule with parameters of a team's own; there is one where there are parameters. */
  having?(parameters: Record<string, unknown>): Rule;
}

/** A rule that a team may tune; as it is made it has its defaults. */
export function tunable<Parameters extends z.ZodObject>(
  rule: Omit<Rule, "check" | "parameters" | "having"> & {
    parameters: Parameters;
    check(model: IntegrationModel, parameters: z.output<Parameters>): Violation[];
  },
): Rule {
  const having = (given: Record<string, unknown>): Rule => {
    const parameters = rule.parameters.parse(given) as z.output<Parameters>;
    return { ...rule, having, check: (model) => rule.check(model, parameters) };
  };
  return having({});
}

/** One violation: the property and what is wrong there. */
export interface Violation {
  path: string;
  reason: string;
}

/** How a policy enforces a rule: whether what violates it is refused or shown. */
export type Level = "mandatory" | "advisory";

/** The level that a rule has as a policy, where a team says nothing else. */
export function levelOf({ severity }: Pick<Rule, "severity">): Level {
  return severity === "error" ? "mandatory" : "advisory";
}

const breadth: Record<ModelScope, number> = { server: 0, gateway: 1, integration: 2 };

/** Every finding that rules make of a model; a rule that needs more than the model tells is left out. */
export function check(rules: readonly Rule[], model: IntegrationModel): Finding[] {
  return rules
    .filter((rule) => breadth[rule.needs] <= breadth[model.scope])
    .flatMap((rule) =>
      rule.check(model).map((violation) => ({
        ...violation,
        rule: rule.id,
        severity: rule.severity,
        remediation: rule.remediation,
        reference: rule.reference,
      })),
    );
}
