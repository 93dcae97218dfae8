import type { IntegrationModel } from "../components/model/index.ts";
import { readiness, renderReadiness } from "../components/views/readiness.ts";
import { renderSmokeReport } from "../smoke/index.ts";
import { isCheckout } from "./project.ts";
import { optionsOf, type Selection } from "./selection.ts";
import { smokeOf } from "./smoke.ts";
import { type DeployedGateway, deployedGateway } from "./stack.ts";

/** Prints what a deployment ends with: where to connect and how, the readiness checklist, the smoke test as of now. */
export async function summary(selection: Selection): Promise<void> {
  const gateway = await deployedGateway(selection);
  const { model, endpoint, forwarded } = gateway;
  const report = await smokeOf(gateway);
  const consumer = model.consumers.at(-1)?.name ?? "";
  const option = optionsOf(selection);
  process.stdout.write(
    `${[
      checklist(model, report.passed),
      "",
      renderSmokeReport(report),
      ...(report.passed ? [] : ["", `→ ${nextStep(gateway)}`]),
      "",
      `Endpoint     ${endpoint}`,
      ...(forwarded ? [`Open it      npx mcp-infra connect${option}`] : []),
      `Connect      npx mcp-infra clients ${consumer}${option}`,
      `Token        npx mcp-infra token ${consumer}${option}`,
      `What runs    npx mcp-infra status${optionsOf({ stack: selection.stack })}`,
    ].join("\n")}\n`,
  );
  if (!report.passed) process.exitCode = 1;
}

/** The checklist is about the declaration. What is declared well and does not work is not ready: then it has no last word. */
function checklist(model: IntegrationModel, works: boolean): string {
  const verdict = readiness(model);
  const text = renderReadiness(verdict);
  if (works || verdict.status !== "READY") return text;
  return text.split("\n").slice(0, verdict.items.length).join("\n");
}

/** What was changed in a cluster by hand is found by a refresh, and by nothing else; a process that has died is listed. */
function nextStep({ model, stack }: DeployedGateway): string {
  if (model.target !== "kubernetes") return `npx mcp-infra status --stack ${stack}`;
  return isCheckout() ? `npm run up -- --stack ${stack} --refresh` : `pulumi up --stack ${stack} --refresh`;
}
