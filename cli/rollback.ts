import { describeArtifact } from "../release/artifacts.ts";
import { exclusively } from "../release/exclusive.ts";
import { readEarlier, readRecord, recordFile, writeRecord } from "../release/file.ts";
import { ignoredBy } from "../release/judge.ts";
import type { ReleaseRecord } from "../release/record.ts";
import { describeRefusals } from "../release/refusal.ts";
import { renderSmokeReport } from "../smoke/index.ts";
import { projectDirectory, runPulumi, UserError } from "./project.ts";
import { releasing } from "./release.ts";
import { say } from "./say.ts";
import { smokeOf } from "./smoke.ts";
import { deployedGateway } from "./stack.ts";

/** What `mcp-infra rollback` is told. */
export interface RollbackOptions {
  stack: string;
  /** Also runs `pulumi up`, and the smoke test then. */
  up?: boolean;
}

/** Returns a stack to the release before; with `up` for real, proved by its smoke test. */
export async function rollback({ stack, up }: RollbackOptions): Promise<void> {
  const earlier = await releasing(() => returned(stack));
  say(`${recordFile(stack)} is the release before:`);
  for (const [name, artifact] of Object.entries(earlier.artifacts))
    say(`  ${name}: ${describeArtifact(artifact)}`);
  if (up) await makeLive(earlier);
  else say(`Commit it. pulumi up --stack ${stack} makes it live, and its smoke test proves it.`);
}

/** Puts the record of before back. */
async function returned(stack: string): Promise<ReleaseRecord> {
  const project = projectDirectory();
  return exclusively(project, stack, async () => {
    const standing = readRecord(project, stack);
    if (!standing?.promotedFrom)
      throw new UserError(
        `Nothing was promoted to ${stack}: what runs there is what its program declares, which version control returns to.`,
      );
    const { previous } = standing;
    if (previous === undefined) throw new UserError(`${stack} has had no release before this one.`);
    const earlier = readEarlier(project, stack, previous);
    writeRecord(project, earlier);
    return earlier;
  });
}

async function makeLive(record: ReleaseRecord): Promise<void> {
  const { stack, gateway } = record;
  const { stdout, failed } = await runPulumi(["up", "--yes", "--skip-preview", "--stack", stack]);
  if (failed)
    throw new UserError(
      `${stdout}\n\nThe record is that of before, and it is not live yet: mend what is said above, then pulumi up --stack ${stack}.`,
    );
  const deployed = await deployedGateway({ stack, gateway });
  const ignored = ignoredBy(deployed.model, record);
  if (ignored.length > 0) throw new UserError(describeRefusals(ignored));
  const report = await smokeOf(deployed);
  say(renderSmokeReport(report));
  if (!report.passed) process.exitCode = 1;
}
