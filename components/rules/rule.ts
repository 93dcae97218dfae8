import type { IntegrationModel, ModelScope } from "../model/integration.ts";
import type { Finding, Severity } from "./finding.ts";

/** One thing that is right or wrong about a model: a pure function with what a reader of its findings needs. */
export interface Rule {
  /** Lower-case words joined by hyphens; the name of the Pulumi policy too. */
  id: string;
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
  /** Where the rule comes from. */
  reference: string;
  /** What violates the rule in a model. */
  check(model: IntegrationModel): Violation[];
}

/** One violation: the property and what is wrong there. */
export interface Violation {
  path: string;
  reason: string;
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
