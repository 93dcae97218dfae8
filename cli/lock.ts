import { existsSync } from "node:fs";
import path from "node:path";
import {
  type Catalogue,
  capture,
  compareLocks,
  contextCost,
  describeCost,
  type Kind,
  type Lock,
  LockError,
  lockOf,
  readLockFile,
  renderChanges,
  renderLock,
  writeLockFile,
} from "../lock/index.ts";
import { count } from "../smoke/checks/check.ts";
import { RequestFailure } from "../smoke/failure.ts";
import { IncompleteList } from "../smoke/unlisted.ts";
import { tokensOf } from "./access.ts";
import { projectDirectory, UserError } from "./project.ts";
import type { Selection } from "./selection.ts";
import { type DeployedGateway, deployedGateway } from "./stack.ts";

/** What `mcp-infra lock` is told beside the gateway. */
export interface LockOptions {
  /** Default: `mcp-infra.<stack>.lock.yaml` beside Pulumi.yaml. */
  file?: string;
  /** Compares and writes nothing. */
  check?: boolean;
}

/**
 * Writes down what each consumer of a live stack sees, in a file for version control, and shows what differs from what
 * stands there; with `check` that alone, and exits with 1 when anything does.
 */
export async function lock(selection: Selection, { file, check }: LockOptions): Promise<void> {
  try {
    const gateway = await deployedGateway(selection);
    const { stack } = gateway;
    const target = path.resolve(file ?? path.join(projectDirectory(), `mcp-infra.${stack}.lock.yaml`));
    const of = { stack, gateway: gateway.model.gateway?.name ?? "" };
    // Read first: what can't be used is said before anybody is asked anything.
    const agreed = check || existsSync(target) ? readLockFile(target, of) : undefined;
    const live = lockOf(of, await gateway.reach((url) => captured(gateway, new URL(url))));
    await show(gateway, agreed, live);
    const equal = agreed !== undefined && renderLock(agreed) === renderLock(live);
    const name = path.relative(process.cwd(), target);
    if (check) {
      say(equal ? `${name} is what is live.` : `${name} is not what is live: \`mcp-infra lock\` writes it.`);
      if (!equal) process.exitCode = 1;
      return;
    }
    if (!equal) writeLockFile(target, live);
    say(`${name}${equal ? " stays as it is" : ""}: ${contentOf(live)}`);
  } catch (error) {
    throw error instanceof LockError ? new UserError(error.message) : error;
  }
}

async function show({ model }: DeployedGateway, agreed: Lock | undefined, live: Lock): Promise<void> {
  const changes = agreed ? compareLocks(agreed, live, model.consumers) : [];
  if (changes.length > 0) say(`${renderChanges(changes)}\n`);
  const costs = (await contextCost(live, agreed)).map(describeCost).join(", ");
  if (costs) say(`Cost in context, an estimate: ${costs}`);
}

function contentOf(lock: Lock): string {
  const number = (...listed: Kind[]) => listed.reduce((sum, kind) => sum + Object.keys(lock[kind]).length, 0);
  return [
    count(number("tools"), "tool"),
    count(number("prompts"), "prompt"),
    count(number("resources", "resourceTemplates"), "resource"),
  ].join(", ");
}

function say(text: string): void {
  process.stdout.write(`${text}\n`);
}

/**
 * What each consumer of a live gateway sees.
 *
 * @throws UserError when that can't be had as a whole.
 */
export async function captured(gateway: DeployedGateway, endpoint: URL): Promise<Record<string, Catalogue>> {
  const tokens = await tokensOf(gateway);
  const found: Record<string, Catalogue> = {};
  for (const { name } of gateway.model.consumers) {
    try {
      found[name] = await capture(endpoint, tokens[name]);
    } catch (error) {
      if (error instanceof IncompleteList)
        throw new UserError(
          `What ${name} sees can't be had: ${error.message}. Without it, all that it offers would look removed: try again when it answers.`,
        );
      if (!(error instanceof RequestFailure)) throw error;
      throw new UserError(`What ${name} sees can't be had: the gateway ${error.message}.`);
    }
  }
  return found;
}
