import { readiness, renderReadiness } from "../components/views/readiness.ts";
import { renderSmokeReport } from "../smoke/index.ts";
import { optionsOf, type Selection } from "./selection.ts";
import { smokeOf } from "./smoke.ts";
import { deployedGateway } from "./stack.ts";

/** Prints what a deployment ends with: where to connect and how, the readiness checklist, the smoke test as of now. */
export async function summary(selection: Selection): Promise<void> {
  const gateway = await deployedGateway(selection);
  const { model, endpoint, forwarded } = gateway;
  const report = await smokeOf(gateway);
  const consumer = model.consumers.at(-1)?.name ?? "";
  const option = optionsOf(selection);
  process.stdout.write(
    `${[
      renderReadiness(readiness(model)),
      "",
      renderSmokeReport(report),
      "",
      `Endpoint     ${endpoint}`,
      ...(forwarded ? [`Open it      npx mcp-infra connect${option}`] : []),
      `Connect      npx mcp-infra clients ${consumer}${option}`,
      `Token        npx mcp-infra token ${consumer}${option}`,
      `What runs    npx mcp-infra status${option}`,
    ].join("\n")}\n`,
  );
  if (!report.passed) process.exitCode = 1;
}
