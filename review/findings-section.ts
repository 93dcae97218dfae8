import type { Finding } from "../components/rules/finding.ts";
import { code, prose } from "./text.ts";

const headings = { error: "❌ Refused", warning: "⚠️ Warning" } as const;

/** Findings by severity, those of one rule together with what to do about them. Empty where there are none. */
export function findingsSection(findings: readonly Finding[]): string {
  return (["error", "warning"] as const)
    .flatMap((severity) => {
      const own = findings.filter((finding) => finding.severity === severity);
      const byRule = Map.groupBy(own, ({ rule, remediation }) => `${rule}\n${remediation}`);
      return [...byRule.values()].map((all) => ofOneRule(headings[severity], all));
    })
    .join("\n\n");
}

function ofOneRule(heading: string, findings: readonly Finding[]): string {
  const [first] = findings;
  return [
    `**${heading}** by ${code(first?.rule ?? "")}`,
    "",
    ...findings.map(({ path, reason }) => `- ${code(path)}: ${prose(reason)}`),
    ...(first?.remediation ? [`- → ${prose(first.remediation)}`] : []),
    ...(first?.reference ? [`- <sub>${prose(first.reference)}</sub>`] : []),
  ].join("\n");
}
