import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { runPulumi } from "../cli/project.ts";
import type { IntegrationModel } from "../components/model/index.ts";
import { type Refusal, readRefusals, refusalFile } from "../components/refusal.ts";
import { distinct, type Finding } from "../components/rules/finding.ts";
import { type Readiness, readiness } from "../components/views/readiness.ts";
import { changesBetween } from "./changes.ts";
import type { DomainChange } from "./domain-change.ts";
import type { Effect } from "./effect.ts";
import { effectsOf } from "./effects.ts";
import { type PreviewEvents, readEvents } from "./events.ts";
import { findingsOf } from "./findings.ts";
import { pairsIn } from "./models.ts";

/** What a preview of one stack tells a reviewer. */
export interface Preview {
  stack: string;
  /** What differs from what is deployed, in words of the domain. */
  changes: DomainChange[];
  /** What the engine does about it: how many resources by operation. */
  operations: Record<string, number>;
  /** What that means for callers. */
  effects: Effect[];
  /** What rules and policies found; one of severity `error` refuses the preview. */
  findings: Finding[];
  /** The readiness gate's verdict on what is declared; absent where there is no gateway, or it was not got to. */
  readiness?: Readiness;
  /** What is deployed; absent in a new stack. Of several gateways the first. */
  before?: IntegrationModel;
  /** What is declared; absent where the declaration was refused before it was whole. */
  model?: IntegrationModel;
  /** Why the preview failed, beyond its findings. */
  error?: string;
}

/** The framework's own policy pack: beside this file's folder in a checkout and in a package alike. */
const policyPack = fileURLToPath(new URL("../policies", import.meta.url));

/** How a stack is previewed. */
export interface PreviewOptions {
  /** Looks first at what is really there, as `pulumi refresh` does, and changes nothing. */
  refresh?: boolean;
}

/**
 * Runs the real `pulumi preview` of a stack, with the policies, and answers what it told. Whoever has chosen policy packs
 * by `PULUMI_OPTION_POLICY_PACK` gets those; otherwise the framework's own holds.
 *
 * @throws {UserError} when there is no such stack
 */
export async function previewOf(stack: string, { refresh = false }: PreviewOptions = {}): Promise<Preview> {
  const directory = await mkdtemp(path.join(tmpdir(), "mcp-infra-preview-"));
  try {
    const refusals = path.join(directory, "refusals");
    await writeFile(refusals, "", { mode: 0o600 });
    const policies = process.env.PULUMI_OPTION_POLICY_PACK ? [] : ["--policy-pack", policyPack];
    const { stdout, stderr, failed } = await runPulumi(
      [
        "preview",
        "--stack",
        stack,
        "--json",
        "--color",
        "never",
        ...policies,
        ...(refresh ? ["--refresh"] : []),
      ],
      { env: { PULUMI_ENABLE_STREAMING_JSON_PREVIEW: "1", [refusalFile]: refusals } },
    );
    const events = readEvents(stdout);
    return read(stack, { events, refusals: readRefusals(refusals), failed, stderr });
  } finally {
    await rm(directory, { recursive: true, force: true });
  }
}

/** What a run of Pulumi has left to read. */
export interface PreviewRun {
  events: PreviewEvents;
  /** What the components refused, as data. */
  refusals: readonly Refusal[];
  failed: boolean;
  /** What it printed beside the events. */
  stderr: string;
}

/** What a preview told, from what its run left. Pure. */
export function read(stack: string, { events, refusals, failed, stderr }: PreviewRun): Preview {
  const { steps, violations } = events;
  const pairs = pairsIn(steps, failed);
  const models = pairs.flatMap(({ after }) => after ?? []);
  const findings = distinct([...refusals.flatMap((refusal) => refusal.findings), ...findingsOf(violations)]);
  const [first] = pairs;
  const verdicts = models.filter(({ gateway }) => gateway).map((model) => readiness(model));
  const verdict = verdicts.find(({ status }) => status === "BLOCKED") ?? verdicts[0];
  const error = failed ? errorOf(events.errors, refusals, findings, stderr) : undefined;
  return {
    stack,
    changes: pairs.flatMap(({ before, after }) => changesBetween(before, after)),
    operations: countOf(steps.map(({ op }) => op).filter((op) => op !== "same")),
    effects: effectsOf(steps, pairs),
    findings,
    ...(refusals.length === 0 && verdict && { readiness: verdict }),
    ...(first?.before && { before: first.before }),
    ...(refusals.length === 0 && first?.after && { model: first.after }),
    ...(error && { error }),
  };
}

/** What findings don't say: a checklist that is not complete, a provider's objection, a program that failed. */
function errorOf(
  errors: readonly string[],
  refusals: readonly Refusal[],
  findings: readonly Finding[],
  stderr: string,
): string {
  const known = (text: string) => refusals.length > 0 && text.startsWith("the declaration is refused");
  const others = errors.filter((text) => !known(text) && text !== "preview failed");
  const said = [...refusals.flatMap(({ texts }) => texts), ...others];
  if (said.length > 0) return said.join("\n\n");
  return findings.some(({ severity }) => severity === "error") ? "" : stderr.trim();
}

function countOf(names: readonly string[]): Record<string, number> {
  const groups = Map.groupBy(names, (name) => name);
  return Object.fromEntries([...groups].map(([name, all]) => [name, all.length]));
}
