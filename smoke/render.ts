import Table from "cli-table3";
import { inWords } from "./deadline.ts";
import type { SmokeCheck, SmokeReport } from "./report.ts";
import { serversNotListed } from "./unlisted.ts";

/**
 * A report for people: a table of at most 110 columns, then the verdict on one line, then what to do where
 * something failed. No colours, so that it reads the same in a terminal, a log and a pull request.
 */
export function renderSmokeReport(report: SmokeReport): string {
  const table = new Table({
    head: ["", "subject", "check", "what was seen", "time"],
    // With the borders: 110 columns.
    colWidths: [3, 22, 29, 42, 8],
    wordWrap: true,
    style: { head: [], border: [], compact: true },
    colAligns: ["left", "left", "left", "left", "right"],
  });
  let before: string | undefined;
  for (const { passed, subject, check, detail, milliseconds } of rowsOf(report.checks)) {
    const time = milliseconds === undefined ? "" : inWords(milliseconds);
    const cells = [
      subject === before ? "" : foldWords(subject, 20),
      foldWords(check, 27),
      foldWords(detail, 40),
    ];
    table.push([passed ? "✓" : "✗", ...cells, time]);
    before = subject;
  }
  return [table.toString(), ...verdict(report)].join("\n");
}

const eraAtEnd = / \((?:2026-07-28|2025-11-25)\)$/;

/** Subject by subject; what came out the same in both eras, and what was not made for one reason, in one row. */
function rowsOf(checks: SmokeCheck[]): SmokeCheck[] {
  const bySubject = Map.groupBy(checks, ({ subject }) => subject);
  return [...bySubject.values()].flatMap((each) => notMadeTogether(erasTogether(each)));
}

function erasTogether(checks: SmokeCheck[]): SmokeCheck[] {
  const alike = Map.groupBy(checks, ({ check, passed, detail }) =>
    eraAtEnd.test(check) ? JSON.stringify([check.replace(eraAtEnd, ""), passed, detail]) : {},
  );
  return [...alike.values()].flatMap(([first, second, ...more]) => {
    // An example that is declared twice gives four alike: then nothing is put together.
    if (!first || !second || more.length > 0) return [first, second, ...more].filter((each) => !!each);
    const { milliseconds } = (first.milliseconds ?? 0) < (second.milliseconds ?? 0) ? second : first;
    return [{ ...first, check: first.check.replace(eraAtEnd, ""), milliseconds }];
  });
}

function notMadeTogether(checks: SmokeCheck[]): SmokeCheck[] {
  const reasonOf = ({ detail }: SmokeCheck) => (detail.startsWith("not checked") ? detail : {});
  return [...Map.groupBy(checks, reasonOf).values()].flatMap(([first, ...others]) => {
    if (!first) return [];
    return [others.length === 0 ? first : { ...first, check: `${first.check}, and ${others.length} more` }];
  });
}

/** Breaks words that no line of this width can hold; the table would cut them off. */
function foldWords(text: string, width: number): string {
  return text.replace(new RegExp(`\\S{${width}}(?=\\S)`, "g"), "$& ");
}

function verdict({ passed, checks, endpoint }: SmokeReport): string[] {
  const failed = checks.filter((check) => !check.passed);
  if (passed) return [`smoke test: PASSED ${checks.length} of ${checks.length}`];
  if (checks.length === 0) return ["smoke test: FAILED, nothing was checked: declare a consumer or a server"];
  const subjects = [...new Set(failed.map(({ subject }) => subject))].join(", ");
  return [
    `smoke test: FAILED ${failed.length} of ${checks.length}: ${subjects}`,
    ...new Set(failed.map((check) => advice(check, endpoint)).filter((line) => line !== undefined)),
  ].map((line, index) => (index === 0 ? line : `  → ${line}`));
}

/** What to do about it, where the failure says so by its kind. */
function advice({ check, subject, detail }: SmokeCheck, endpoint: string): string | undefined {
  if (detail.startsWith("not checked: no token")) return "hand the tokens that are missing to the smoke test";
  if (detail.startsWith("not checked")) return undefined;
  if (detail.startsWith("not finished"))
    return "find out what hangs, or give the smoke test a longer deadline";
  const [server, ...others] = serversNotListed(detail);
  if (server)
    return `server ${[server, ...others].join(", ")}: look at its log, and at the bound that the reason names, if it names one`;
  if (check.startsWith("speaks MCP"))
    return `look at the gateway's log, and whether ${endpoint} is its address`;
  if (check.startsWith("refuses")) return `${subject}: don't let anybody use it before this is repaired`;
  if (check.startsWith("is refused"))
    return `${subject}: it reaches what it was not granted; compare the gateway's running configuration with the declaration`;
  if (check === "its catalogue is the locked one")
    return `${subject}: run mcp-infra lock, review what differs, and commit the lock or set the server right`;
  if (check.startsWith("sees exactly"))
    return `${subject}: compare what it uses with what the server has today`;
  if (check.startsWith("is up") && detail.includes("missing tools"))
    return `${subject}: compare the tools that are used of it with what it has today`;
  if (check.startsWith("is up"))
    return `${subject}: look at its log, or where it runs elsewhere, at its URL and credential`;
  if (check.startsWith("p95")) return `${subject}: raise the objective, or find what is slow`;
  if (check === "gets a token")
    return `${subject}: correct credentials.${subject.split(" ").at(-1)} of the smoke test, or its client at the issuer`;
  if (/^(calls|gets|reads) /.test(check))
    return `${subject}: try the example by hand; then repair the server or the example`;
  return undefined;
}
