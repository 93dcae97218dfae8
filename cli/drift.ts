import { existsSync } from "node:fs";
import path from "node:path";
import { driftOf, isDrifted, renderDrift } from "../drift/drift.ts";
import { type CatalogueChange, compareLocks, LockError, lockOf, readLockFile } from "../lock/index.ts";
import { previewOf } from "../review/index.ts";
import { captured } from "./lock.ts";
import { projectDirectory, UserError } from "./project.ts";
import { say } from "./say.ts";
import type { Selection } from "./selection.ts";
import { type DeployedGateway, deployedGateway } from "./stack.ts";

/** Exit code when something differs; 1 is for what can't be told. */
const DRIFTED = 2;

/** Says what differs between declaration, state, the live stack and its lock file; changes nothing. */
export async function drift(selection: Selection, { json }: { json?: boolean }): Promise<void> {
  const gateway = await deployedGateway(selection);
  const preview = await previewOf(gateway.stack, { refresh: true });
  if (preview.error !== undefined || preview.findings.some(({ severity }) => severity === "error"))
    throw new UserError(
      `What is declared can't be compared, since its preview fails: \`npx mcp-infra preview --stack ${gateway.stack}\` says why.`,
    );
  const catalogue = await catalogueDrift(gateway);
  const found = driftOf({
    preview,
    editedByHand: gateway.editedByHand?.() ?? [],
    ...(typeof catalogue === "string" ? { catalogue: [], unheard: catalogue } : { catalogue }),
  });
  say(json ? JSON.stringify(found, undefined, 2) : renderDrift(found));
  if (isDrifted(found)) process.exitCode = DRIFTED;
}

/** What consumers are shown that is not as locked, or why that can't be told; nothing where no lock file is kept. */
async function catalogueDrift(gateway: DeployedGateway): Promise<CatalogueChange[] | string> {
  const { stack, model } = gateway;
  const file = path.join(projectDirectory(), `mcp-infra.${stack}.lock.yaml`);
  if (!existsSync(file)) return [];
  const of = { stack, gateway: model.gateway?.name ?? "" };
  try {
    const agreed = readLockFile(file, of);
    const live = await gateway.reach((url) => captured(gateway, new URL(url)));
    return compareLocks(agreed, lockOf(of, live), model.consumers);
  } catch (error) {
    if (error instanceof LockError) throw new UserError(error.message);
    // A server that is gone is drift, and no reason to be silent about the rest.
    if (error instanceof UserError) return error.message;
    throw error;
  }
}
