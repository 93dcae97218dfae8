import { distinct, type Finding } from "../components/rules/finding.ts";
import type { PolicyViolation } from "./events.ts";

/** What a rule's policy says, as `describe` writes a finding: where and what, the rule, the remedy, where it comes from. */
const form =
  /✗ (?<what>.*?) \[(?<rule>[\w-]+)\]\n\s*→ (?<remediation>[^\n]*)(?:\n\s*(?<reference>[^\n]*))?(?:\n\s*(?<note>.*))?$/s;

/** A component and its property; or the component alone. */
const place = /^(?<path>[^:]+: [^\s:]+|[^:]+): (?<reason>.*)$/s;

/**
 * What policies said, as findings. The engine carries nothing but text; of the framework's own rules it has a form, and
 * what others' policies say stands as it is. The level is the one that the pack was set to. Pure.
 */
export function findingsOf(violations: readonly PolicyViolation[]): Finding[] {
  return distinct(violations.map(findingIn));
}

function findingIn({ policy, mandatory, message, resource = "the stack" }: PolicyViolation): Finding {
  const severity = mandatory ? "error" : "warning";
  const { what, remediation = "", reference, note } = form.exec(message)?.groups ?? {};
  if (what === undefined) return { rule: policy, path: resource, severity, reason: message, remediation };
  const { path = resource, reason = what } = place.exec(what)?.groups ?? {};
  return {
    rule: policy,
    path,
    severity,
    reason: note ? `${reason} (${note.trim()})` : reason,
    remediation,
    ...(reference && { reference }),
  };
}
