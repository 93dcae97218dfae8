import type { IntegrationModel } from "../components/model/integration.ts";
import { failures, isAnswered, type Measurements } from "./figures.ts";
import { BYTES_A_TOKEN } from "./recommendations/lists.ts";
import type { Recommendation } from "./recommendations/recommendation.ts";
import { inMilliseconds, type Verdict } from "./verdict.ts";

/** A table as the caller draws it: the head, then rows. */
export type DrawTable = (head: string[], rows: string[][]) => string;

/** What was measured, for people. */
export function renderProfile(
  { tools, lists, skipped }: Measurements,
  verdicts: readonly Verdict[],
  { objectives }: NonNullable<IntegrationModel["gateway"]>,
  table: DrawTable,
): string {
  const rows = tools.map(({ name, levels }, index) => {
    const { holdsFor, best, missed } = verdicts[index] as Verdict;
    const [alone] = levels;
    const failed = levels.reduce((sum, level) => sum + failures(level), 0);
    return [
      missed ? "✗" : "✓",
      name,
      ...(alone && isAnswered(alone) ? [alone.p50, alone.p95, alone.p99].map(inMilliseconds) : ["", "", ""]),
      isAnswered(best) ? `${Math.round(best.rate)} by ${best.clients}` : "",
      `${holdsFor}${holdsFor === levels.at(-1)?.clients ? " or more" : ""}`,
      `${failed} of ${levels.reduce((sum, { calls }) => sum + calls, 0)}`,
    ];
  });
  return [
    table(["", "TOOL", "P50", "P95", "P99", "MOST CALLS/S", "HOLDS FOR CLIENTS", "FAILED"], rows),
    objectives
      ? `Objective: p95 at most ${inMilliseconds(objectives.p95)}, ${objectives.availability * 100} % of calls succeed.`
      : "No objective is declared (objectives of the gateway): only calls that fail count as missing it.",
    ...tools.flatMap(({ name, failure, limited }, index) => [
      ...(verdicts[index]?.missed ? [`✗ ${name}: ${verdicts[index].missed}`] : []),
      ...(failure ? [`  ${name}: callers were told: ${failure}`] : []),
      ...(limited
        ? [
            `  ${name}: ${limited} calls were refused by a rate limit: no more than it lets through was measured`,
          ]
        : []),
    ]),
    ...skipped.map(({ name, reason }) => `  ${name} was not called: it ${reason}`),
    "",
    table(
      ["CONSUMER", "TOOLS", "IN ITS CONTEXT", "TOOLS/LIST, P50"],
      lists.map(({ consumer, tools, bytes, p50 }) => [
        consumer,
        String(tools),
        `about ${Math.round(bytes / BYTES_A_TOKEN)} tokens`,
        inMilliseconds(p50),
      ]),
    ),
  ].join("\n");
}

/** The settings to change, for people. */
export function renderRecommendations(recommendations: readonly Recommendation[]): string {
  if (recommendations.length === 0) return "Nothing to change.";
  return recommendations
    .map(({ subject, change, because }) => `→ ${subject}: ${change}\n  ${because}`)
    .join("\n");
}
