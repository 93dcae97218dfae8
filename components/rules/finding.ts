/** How much a finding matters: `error` stops a deployment, `warning` is shown. */
export type Severity = "error" | "warning";

/** One thing that is wrong with a declaration, for the person who reads it. */
export interface Finding {
  /** Id of the rule, such as `pinned-artifacts`; `declaration` for a malformed property. */
  rule: string;
  /** The property, from the component's name on: `server github: http.package`. */
  path: string;
  severity: Severity;
  /** What is wrong. Never the value of a secret. */
  reason: string;
  /** What to do. */
  remediation: string;
  /** Where the rule comes from: a specification's section, an RFC, a benchmark. */
  reference?: string;
}

/** Two findings are one when the same rule says the same of the same property. */
export function distinct(findings: readonly Finding[]): Finding[] {
  return [
    ...new Map(
      findings.map((finding) => [`${finding.rule}\n${finding.path}\n${finding.reason}`, finding]),
    ).values(),
  ];
}

/** Findings as a list for people: each property and what is wrong, and once for each rule what to do. */
export function describe(findings: readonly Finding[]): string {
  const byRule = Map.groupBy(findings, ({ rule, remediation }) => `${rule}\n${remediation}`);
  return [...byRule.values()].map(describeOfOneRule).join("\n");
}

function describeOfOneRule(findings: readonly Finding[]): string {
  const [first] = findings;
  return [
    ...findings.map(({ path, reason, rule }) => `✗ ${path}: ${reason} [${rule}]`),
    `    → ${first?.remediation}`,
    ...(first?.reference ? [`      ${first.reference}`] : []),
  ].join("\n");
}
