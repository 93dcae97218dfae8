import type { Finding } from "../../../rules/finding.ts";

/** A finding about the target's property, as a preflight makes them. */
export function finding(
  rule: string,
  property: string,
  reason: string,
  remediation: string,
  severity: Finding["severity"] = "error",
): Finding {
  return { rule, path: `kubernetes: ${property}`, severity, reason, remediation };
}
