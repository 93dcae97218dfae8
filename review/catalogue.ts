import { existsSync } from "node:fs";
import path from "node:path";
import { execa } from "execa";
import type { ConsumerModel } from "../components/model/index.ts";
import { parseLock } from "../lock/file.ts";
import {
  type CatalogueChange,
  compareLocks,
  contextCost,
  describeCost,
  type Lock,
  LockError,
  readLockFile,
} from "../lock/index.ts";

/** What a change does to what consumers see of their servers, by the lock files of before and after. */
export interface CatalogueReview {
  changes: CatalogueChange[];
  /** What the tools cost each consumer's model, such as `support-agent +1,400 tokens (about 5,200)`. */
  costs: string[];
  /** Why there is nothing to compare. */
  note?: string;
}

/**
 * Compares a stack's lock file as it is with that of a commit, where the change under review started.
 *
 * @param base any name of a commit; what is compared with is where it and the present one parted
 */
export async function catalogueOf(
  { project, stack, base }: { project: string; stack: string; base: string },
  consumers: readonly ConsumerModel[],
): Promise<CatalogueReview> {
  const name = `mcp-infra.${stack.split("/").at(-1)}.lock.yaml`;
  const file = path.join(project, name);
  try {
    const before = await lockAt(base, project, name);
    if (!existsSync(file))
      return {
        changes: [],
        costs: [],
        note: before
          ? `${name} is removed: what consumers see is no longer under review`
          : `there is no ${name}: run npx mcp-infra lock --stack ${stack}, and what consumers see is under review too`,
      };
    const now = readLockFile(file);
    const costs = before ? (await contextCost(now, before)).map(describeCost) : [];
    if (!before) return { changes: [], costs, note: `${name} is new: there is nothing to compare it with` };
    return { changes: compareLocks(before, now, consumers), costs };
  } catch (error) {
    if (!(error instanceof LockError)) throw error;
    return { changes: [], costs: [], note: error.message };
  }
}

async function lockAt(base: string, project: string, name: string): Promise<Lock | undefined> {
  const git = (...args: string[]) =>
    execa("git", args, { cwd: project, reject: false, stripFinalNewline: false });
  const fork = await git("merge-base", "HEAD", base);
  const commit = fork.failed ? base : fork.stdout.trim();
  const shown = await git("show", `${commit}:./${name}`);
  return shown.failed ? undefined : parseLock(shown.stdout, `${name} at ${commit.slice(0, 12)}`);
}
