import { globSync, readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { basename, dirname, join } from "node:path";
import type { Fixture } from "../fixture.ts";

/** One run of the official conformance suite: which release of it, and what of it. */
export interface SuiteRun {
  release: "@modelcontextprotocol/conformance" | "conformance-next";
  args: readonly string[];
}

interface Check {
  id: string;
  status: "SUCCESS" | "FAILURE" | "WARNING" | "SKIPPED" | "INFO";
  errorMessage?: string;
}

/** Runs every server scenario that the run selects against an endpoint, and gives the faults by scenario: none when it passes. */
export async function runSuite(
  fixture: Fixture,
  url: string,
  { release, args }: SuiteRun,
): Promise<Map<string, string[]>> {
  const manifest = createRequire(import.meta.url).resolve(`${release}/package.json`);
  const results = join(fixture.directory, `results-${runs++}`);
  const command = [process.execPath, join(dirname(manifest), "dist/index.js"), "server"];
  const program = fixture.run([...command, "--url", url, "--suite", "all", "--output-dir", results, ...args]);
  await program.exit;
  const verdicts = globSync(join(results, "*/checks.json")).map((file) => {
    const checks: Check[] = JSON.parse(readFileSync(file, "utf8"));
    return [scenarioOf(dirname(file)), faultsOf(checks)] as const;
  });
  if (verdicts.length === 0) throw new Error(program.stderr() || program.stdout());
  return new Map(verdicts.sort());
}

let runs = 0;

/** The folder of a scenario's results is named by it, between the kind of test and the time. */
const scenarioOf = (folder: string) =>
  basename(folder)
    .replace(/^server-/, "")
    .replace(/-\d{4}-\d{2}-\d{2}T.*$/, "");

/** A warning is a fault as well, and so is a scenario that checked nothing. */
function faultsOf(checks: Check[]): string[] {
  const counted = checks.filter(({ status }) => status !== "SKIPPED" && status !== "INFO");
  if (counted.length === 0) return ["nothing was checked"];
  return counted
    .filter(({ status }) => status !== "SUCCESS")
    .map(({ id, errorMessage }) => `${id}: ${errorMessage ?? "not so"}`);
}
