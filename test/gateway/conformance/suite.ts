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

/** What is wrong, by check; empty when a scenario passes. */
export type Faults = Record<string, string>;

/** Runs every server scenario that the run selects against an endpoint, and gives the faults by scenario. */
export async function runSuite(
  fixture: Fixture,
  url: string,
  { release, args }: SuiteRun,
): Promise<Map<string, Faults>> {
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

/** The check of every message against the schema, which belongs to no scenario. */
const WIRE = "wire-schema-valid";

/** A warning is a fault as well, and so is a scenario that checked nothing of its own. */
function faultsOf(checks: Check[]): Faults {
  const counted = checks.filter(({ status }) => status !== "SKIPPED" && status !== "INFO");
  if (counted.every(({ id }) => id === WIRE)) return { "nothing-checked": "Every check was skipped" };
  const failed = counted.filter(({ status }) => status !== "SUCCESS");
  return Object.fromEntries(failed.map(({ id, errorMessage }) => [id, errorMessage ?? "not so"]));
}
