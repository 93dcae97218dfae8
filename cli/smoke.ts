import { renderSmokeReport, runSmokeTest, type SmokeReport } from "../smoke/index.ts";
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
  const { model, tokens, credentials, smokeDeadlineMs: deadlineMs } = gateway;
  const report = await gateway.reach((endpoint) =>
    runSmokeTest({ model, endpoint, tokens, credentials, deadlineMs }),
  );
  try {
    await gateway.keepSmokeReport(report);
  } catch (error) {
    // The verdict is what was asked for; who may look need not have the right to keep it.
    process.stderr.write(
      `The gateway's metrics don't show this run: ${error instanceof Error ? error.message : error}\n`,
    );
  }
  return report;
}
