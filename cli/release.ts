import path from "node:path";
import { commitOf } from "../release/commit.ts";
import { exclusively } from "../release/exclusive.ts";
import { readRecord, recordFile, statementFile, writeRecord, writeWhole } from "../release/file.ts";
import { againstRelease } from "../release/judge.ts";
import { recordOf } from "../release/live.ts";
import { ReleaseError } from "../release/record.ts";
import { describeRefusals } from "../release/refusal.ts";
import { statementOf } from "../release/statement.ts";
import { previewOf } from "../review/preview.ts";
import { liveStack } from "./live.ts";
import { projectDirectory, UserError } from "./project.ts";
import { say } from "./say.ts";
import type { Selection } from "./selection.ts";
import { deployedGateway } from "./stack.ts";

/** Records what is live and green in a stack, with a statement about it to sign; changes nothing that runs. */
export async function release(selection: Selection): Promise<void> {
  const project = projectDirectory();
  const gateway = await deployedGateway(selection);
  const { stack } = gateway;
  await releasing(() =>
    exclusively(project, stack, async () => {
      const standing = readRecord(project, stack);
      const program = await commitOf(project);
      const live = await liveStack(gateway);
      const preview = await previewOf(stack);
      const refusals = againstRelease(live, preview, standing);
      if ("refusal" in program) refusals.push(program.refusal);
      if (refusals.length > 0 || "refusal" in program)
        throw new UserError(`${stack} is not released:\n${describeRefusals(refusals)}`);
      const record = recordOf(
        live,
        {
          at: new Date().toISOString(),
          commit: program.commit,
          advisory: preview.findings.length,
        },
        standing,
      );
      // The statement names the record's hash: on its own it is about nothing that there is.
      const statement = JSON.stringify(statementOf(record, live.smoke), undefined, 2);
      writeWhole(path.join(project, statementFile(stack)), `${statement}\n`);
      writeRecord(project, record);
      const count = Object.keys(record.artifacts).length;
      say(`${recordFile(stack)}: ${count} servers, proved by ${live.smoke.checks.length} checks.`);
      say(`Commit both files. To sign the statement, where you want that:`);
      say(`  cosign sign-blob --bundle releases/${stack}.sigstore.json ${statementFile(stack)}`);
    }),
  );
}

/** Whatever is wrong with a release is said as it is. */
export async function releasing<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    throw error instanceof ReleaseError ? new UserError(`${error.message}.`) : error;
  }
}
