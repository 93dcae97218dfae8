import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { candidateVariable } from "../components/release.ts";
import { compareLocks, lockOf, renderChanges } from "../lock/index.ts";
import { describeArtifact } from "../release/artifacts.ts";
import { exclusively } from "../release/exclusive.ts";
import { readRecord, recordFile, statementFile, writeRecord } from "../release/file.ts";
import { againstSource, againstTarget, type Judgement } from "../release/judge.ts";
import { hashOf, type ReleaseRecord, renderRecord } from "../release/record.ts";
import { describeRefusals } from "../release/refusal.ts";
import { promoted } from "../release/succession.ts";
import { previewOf } from "../review/preview.ts";
import { liveStack } from "./live.ts";
import { captured } from "./lock.ts";
import { NothingDeployed, projectDirectory, UserError } from "./project.ts";
import { releasing } from "./release.ts";
import { say } from "./say.ts";
import { type DeployedGateway, deployedGateway } from "./stack.ts";

/** What `mcp-infra promote` is told: names of stacks. */
export interface PromoteOptions {
  from: string;
  to: string;
  gateway?: string;
}

/**
 * Gives a stack the release of another: its record changes, and nothing else. Refused with all reasons at once when the
 * evidence is not for exactly what is live, or when the release would not hold where it goes.
 */
export async function promote({ from, to, gateway }: PromoteOptions): Promise<void> {
  if (from === to) throw new UserError(`A release is promoted from one stack to another; both are ${from}.`);
  const project = projectDirectory();
  await releasing(() =>
    exclusively(project, to, async () => {
      const source = readRecord(project, from);
      if (!source)
        throw new UserError(
          `${recordFile(from)} does not exist: npx mcp-infra release --stack ${from} writes it.`,
        );
      const standing = readRecord(project, to);
      if (standing?.promotedFrom?.sha256 === hashOf(source)) {
        say(`${to} has this release of ${from} already.`);
        return;
      }
      const live = await liveStack(await deployedGateway({ stack: from, gateway: source.gateway }));
      const record = promoted(source, { stack: to, gateway: gateway ?? source.gateway }, standing);
      const preview = await previewWith(record);
      const target = await deployed(to, record.gateway);
      const of = { stack: to, gateway: record.gateway };
      const seen = target && lockOf(of, await target.reach((url) => captured(target, new URL(url))));
      const consumers = preview.model?.consumers ?? target?.model.consumers ?? [];
      // What nobody here has agreed on yet can break nobody.
      const changes = seen ? compareLocks(seen, live.lock, consumers) : [];
      const refusals = [
        ...againstSource(source, statementIn(project, from), live),
        ...againstTarget(record, preview, changes),
      ];
      if (refusals.length > 0)
        throw new UserError(`${from} is not promoted, ${to} stays as it is:\n${describeRefusals(refusals)}`);
      writeRecord(project, record);
      say(differences(standing, record));
      if (changes.length > 0) say(`\n${renderChanges(changes)}`);
      say(
        `\n${recordFile(to)} is written. Commit it, then: pulumi up --stack ${to}, npx mcp-infra release --stack ${to}.`,
      );
    }),
  );
}

/** The preview of a stack as it would be with a release, which nobody else sees meanwhile. */
async function previewWith(record: ReleaseRecord): Promise<Judgement> {
  const directory = mkdtempSync(path.join(tmpdir(), "mcp-infra-"));
  const file = path.join(directory, "release.json");
  writeFileSync(file, renderRecord(record));
  process.env[candidateVariable] = file;
  try {
    return await previewOf(record.stack);
  } finally {
    delete process.env[candidateVariable];
    rmSync(directory, { recursive: true, force: true });
  }
}

/** The gateway of a stack, where there is one by now. */
async function deployed(stack: string, gateway: string): Promise<DeployedGateway | undefined> {
  try {
    return await deployedGateway({ stack, gateway });
  } catch (error) {
    if (error instanceof NothingDeployed) return undefined;
    throw error;
  }
}

function statementIn(project: string, stack: string): unknown {
  try {
    return JSON.parse(readFileSync(path.join(project, statementFile(stack)), "utf8"));
  } catch {
    return undefined;
  }
}

function differences(standing: ReleaseRecord | undefined, { artifacts, stack }: ReleaseRecord): string {
  const lines = Object.entries(artifacts).flatMap(([name, artifact]) => {
    const [was, is] = [standing && describeArtifact(standing.artifacts[name]), describeArtifact(artifact)];
    if (was === is) return [];
    return [`  ${name}: ${was === undefined ? is : `${was} → ${is}`}`];
  });
  return lines.length > 0
    ? [`${stack} gets`, ...lines].join("\n")
    : `${stack} gets what it has, proved anew.`;
}
