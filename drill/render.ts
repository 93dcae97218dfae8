import { inWords } from "../smoke/deadline.ts";
import type { Verdict } from "./verdict.ts";

/** A table as the caller draws it: the head, then rows. */
export type DrawTable = (head: string[], rows: string[][]) => string;

/** What faults came to, for people. */
export function renderDrill(verdicts: readonly Verdict[], table: DrawTable): string {
  const rows = verdicts.map((verdict) => [
    markOf(verdict),
    `${verdict.fault} ${verdict.server}`,
    String(verdict.calls),
    String(verdict.lost),
    inWords(verdict.worst),
    verdict.noticed === undefined ? "not noticed" : inWords(verdict.noticed),
    // Nobody is back who was never seen to be away.
    verdict.noticed === undefined || verdict.returned === undefined ? "" : inWords(verdict.returned),
  ]);
  const reasons = verdicts.flatMap(({ server, fault, calls, faults, refused, unproved, example }) => {
    const what = `${fault} ${server}`;
    return [
      ...faults.map((each) => `✗ ${what}: ${each}`),
      ...(unproved ? [`– ${what}: ${unproved}`] : []),
      ...(refused
        ? [
            `  ${what}: ${refused.calls} of ${calls} calls were refused by the limit, not lost: ${refused.reason}`,
          ]
        : []),
      ...(example ? [`  ${what}: callers were told: ${example}`] : []),
    ];
  });
  return [
    table(["", "WHAT", "CALLS", "LOST", "SLOWEST", "NOTICED AFTER", "BACK AFTER"], rows),
    ...reasons,
  ].join("\n");
}

function markOf({ faults, unproved }: Verdict): string {
  if (faults.length > 0) return "✗";
  return unproved ? "–" : "✓";
}
