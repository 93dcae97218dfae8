import { keepSmokeReport, renderSmokeReport, runSmokeTest, type SmokeReport } from "../smoke/index.ts";
import type { Selection } from "./selection.ts";
import { type DeployedGateway, deployedGateway } from "./stack.ts";

/** Runs the smoke test against the live stack; exits with 1 when it is red. */
export async function smoke(selection: Selection, options: { json?: boolean }): Promise<void> {
  const report = await smokeOf(await deployedGateway(selection));
  process.stdout.write(
    options.json ? `${JSON.stringify(report, undefined, 2)}\n` : `${renderSmokeReport(report)}\n`,
  );
  if (!report.passed) process.exitCode = 1;
}

/** The smoke test's report on a deployed gateway, which then tells of it in its metrics. */
export async function smokeOf(gateway: DeployedGateway): Promise<SmokeReport> {
  const { model, endpoint, tokens, smokeDeadlineMs, smokeReport } = gateway;
  const report = await runSmokeTest({ model, endpoint, tokens, deadlineMs: smokeDeadlineMs });
  if (smokeReport) await keepSmokeReport(smokeReport, report);
  return report;
}
