// @ts-check
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { checkout, say } from "./checkout.mjs";
import { findPrograms } from "./cluster/programs.mjs";
import { scriptEnvironment } from "./environment.mjs";
import { findPulumi } from "./pulumi-cli.mjs";
import { run } from "./run.mjs";

/**
 * `npm test`: format and lint, types, tests. Each runs even when one before it failed, and each fails the run.
 * The last line is the count: the tests, and one failure more for a failed lint or type check.
 */
export async function test(/** @type {string[]} */ vitestArgs) {
  // The tests start the real CLI and a real cluster; a first build must not run into their time limits.
  await findPulumi();
  await findPrograms();
  const env = scriptEnvironment();
  const script = (/** @type {string} */ command, /** @type {string[]} */ ...args) =>
    run(join(checkout, "node_modules", ".bin", command), args, { env, cwd: checkout });

  const checks = [
    { name: "biome check", code: await script("biome", "check", ".") },
    { name: "tsc --noEmit", code: await script("tsc", "--noEmit") },
  ].filter(({ code }) => code !== 0);

  const directory = await mkdtemp(join(tmpdir(), "mcp-infra-test-"));
  const report = join(directory, "vitest.json");
  const reporters = ["--reporter=default", "--reporter=json", `--outputFile.json=${report}`];
  const code = await script("vitest", "run", ...reporters, ...vitestArgs);
  const tests = await counts(report);
  await rm(directory, { recursive: true });

  for (const { name } of checks) say(`Failed: ${name} (see above)`);
  // Vitest can fail without a failed test, say by an error outside of all tests.
  const failed = tests.failed + checks.length + (code !== 0 && tests.failed === 0 ? 1 : 0);
  process.stdout.write(`\n${tests.passed} passed, ${failed} failed\n`);
  return failed > 0 ? 1 : 0;
}

/** @typedef {{ status: string, assertionResults: { status: string }[] }} TestFile */

/** Counts from vitest's JSON report. A file that could not even be loaded is one failure. */
async function counts(/** @type {string} */ report) {
  /** @type {{ testResults: TestFile[] }} */
  const { testResults } = await readFile(report, "utf8").then(JSON.parse, () => ({ testResults: [] }));
  const results = testResults.flatMap(({ assertionResults }) => assertionResults);
  const broken = testResults.filter(
    ({ status, assertionResults }) =>
      status === "failed" && assertionResults.every((result) => result.status !== "failed"),
  );
  return {
    passed: results.filter(({ status }) => status === "passed").length,
    failed: results.filter(({ status }) => status === "failed").length + broken.length,
  };
}
