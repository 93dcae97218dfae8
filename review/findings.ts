import type { IntegrationModel } from "../components/model/index.ts";
import { distinct, type Finding } from "../components/rules/finding.ts";
import { rules } from "../components/rules/index.ts";
import { check } from "../components/rules/rule.ts";
import type { PolicyViolation } from "./events.ts";

/**
 * What policies said, as findings. Of the framework's own rules the policy's message names what the rule finds in the model:
 * so property, reason and remediation are had as they are, and the level is the one that the pack was set to. Pure.
 */
export function findingsOf(
  violations: readonly PolicyViolation[],
  models: readonly IntegrationModel[],
): Finding[] {
  const own = models.flatMap((model) => check(rules, model));
  return distinct(violations.flatMap((violation) => findingsIn(violation, own)));
}

function findingsIn(
  { policy, mandatory, message, resource }: PolicyViolation,
  own: readonly Finding[],
): Finding[] {
  const severity = mandatory ? "error" : "warning";
  const said = own.filter(
    ({ rule, path, reason }) => rule === policy && message.includes(`${path}: ${reason}`),
  );
  if (said.length > 0) return said.map((finding) => ({ ...finding, severity }));
  // Of a preview that was stopped the model may not be whole, and others have policies too: then their own words do.
  return [{ rule: policy, path: resource ?? "the stack", severity, reason: message, remediation: "" }];
}
