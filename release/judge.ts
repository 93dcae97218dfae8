import type { IntegrationModel } from "../components/model/index.ts";
import { programOf } from "../components/model/server.ts";
import type { Finding } from "../components/rules/finding.ts";
import { check } from "../components/rules/rule.ts";
import { knownCatalogue } from "../components/rules/security/known-catalogue.ts";
import type { CatalogueChange } from "../lock/index.ts";
import type { DomainChange } from "../review/domain-change.ts";
import type { SmokeReport } from "../smoke/index.ts";
import { describeArtifact } from "./artifacts.ts";
import { catalogueOf, type LiveStack } from "./live.ts";
import type { Artifact, ReleaseRecord } from "./record.ts";
import type { Refusal } from "./refusal.ts";
import { isAbout } from "./statement.ts";

/** What a preview with the policies told. */
export interface Judgement {
  findings: readonly Finding[];
  /** What differs from what is deployed, in words of the domain. */
  changes: readonly Pick<DomainChange, "kind" | "name" | "change">[];
  /** What is declared, where it could be read. */
  model?: IntegrationModel;
  /** Why it failed beyond its findings. */
  error?: string;
}

/** What stands against recording a live stack as a release. Pure. */
export function againstRelease(live: LiveStack, preview: Judgement, standing?: ReleaseRecord): Refusal[] {
  const { stack } = live;
  const changes = preview.changes.map(({ kind, name, change }) => `${kind} ${name} is ${change}`);
  const upFirst = `Make it so first: pulumi up --stack ${stack}.`;
  return [
    ...live.faults.map((reason) => ({ reason, remedy: "Name what can be had again, and `pulumi up`." })),
    ...redSmoke(live.smoke, stack),
    ...foundBy(preview, stack),
    ...[...new Set(changes)].map((change) => ({
      reason: `what is live is not what is declared: ${change}`,
      remedy: upFirst,
    })),
    ...(standing?.promotedFrom ? otherArtifacts(standing, live, upFirst) : []),
  ];
}

/** What stands against promoting a release, on the side of the stack that it was proved in. Pure. */
export function againstSource(record: ReleaseRecord, statement: unknown, live: LiveStack): Refusal[] {
  const { stack, evidence, artifacts } = record;
  const again = `Make it as released, pulumi up --stack ${stack}, or release what is there: npx mcp-infra release --stack ${stack}.`;
  if (evidence.stack !== stack)
    return [
      {
        reason: `the release was promoted to ${stack} and not proved there: its evidence is of ${evidence.stack}`,
        remedy: `pulumi up --stack ${stack}, then npx mcp-infra release --stack ${stack}.`,
      },
    ];
  const commands = Object.entries(artifacts).flatMap(([name, artifact]) =>
    "command" in artifact ? [name] : [],
  );
  return [
    ...(isAbout(statement, record)
      ? []
      : [
          {
            reason: `the statement beside the record is not about exactly this release of ${stack}`,
            remedy: again,
          },
        ]),
    ...commands.map((name) => ({
      reason: `server ${name} is ${describeArtifact(artifacts[name])} of a machine: nothing that another stack could start`,
      remedy: "Publish it as an npm package or a container image.",
    })),
    ...live.faults.map((reason) => ({ reason, remedy: "Publish it again, or release another version." })),
    ...otherArtifacts(record, live, again),
    ...otherCatalogue(record, live, again),
    ...redSmoke(live.smoke, stack),
  ];
}

/** What stands against promoting a release, on the side of the stack that it is for. Pure. */
export function againstTarget(
  record: ReleaseRecord,
  preview: Judgement,
  changes: readonly CatalogueChange[],
): Refusal[] {
  return [
    ...foundBy(preview, record.stack),
    ...(preview.model ? [...ignoredBy(preview.model, record), ...unproved(record, preview.model)] : []),
    ...changes.flatMap(({ name, change, verdicts }) =>
      verdicts
        .filter(({ verdict }) => verdict === "breaks")
        .map(({ consumer, reason }) => ({
          reason: `${name} is ${change}, which breaks ${consumer} in ${record.stack}: ${reason}`,
          remedy: "Change that consumer first, or keep what it uses.",
        })),
    ),
  ];
}

function redSmoke({ passed, checks }: SmokeReport, stack: string): Refusal[] {
  if (passed) return [];
  const red = checks.filter((each) => !each.passed).slice(0, 3);
  const shown = red.map(({ subject, check, detail }) => `${subject}: ${check}: ${detail}`);
  return [
    {
      reason: [`the smoke test of ${stack} is red`, ...shown].join("; "),
      remedy: `See the whole: npx mcp-infra smoke --stack ${stack}.`,
    },
  ];
}

function foundBy({ findings, error }: Judgement, stack: string): Refusal[] {
  const errors = findings.filter(({ severity }) => severity === "error");
  return [
    ...errors.map(({ path, reason, rule, remediation }) => ({
      reason: `${path}: ${reason} [${rule}]`,
      remedy: remediation,
    })),
    ...(error && errors.length === 0
      ? [
          {
            reason: `the preview of ${stack} fails: ${error}`,
            remedy: `pulumi preview --stack ${stack} shows the whole.`,
          },
        ]
      : []),
  ];
}

function otherArtifacts({ artifacts, stack }: ReleaseRecord, live: LiveStack, remedy: string): Refusal[] {
  const names = new Set([...Object.keys(artifacts), ...Object.keys(live.artifacts)]);
  return [...names].sort().flatMap((name) => {
    const [was, is] = [artifacts[name], live.artifacts[name]];
    if (
      identified(was) === identified(is) ||
      live.faults.some((fault) => fault.startsWith(`server ${name} `))
    )
      return [];
    const same = describeArtifact(was) === describeArtifact(is);
    const reason = same
      ? `server ${name}: there is another ${describeArtifact(is)} now than was released, by its integrity hash`
      : `server ${name} of ${stack} runs ${describeArtifact(is)}, and its release says ${describeArtifact(was)}`;
    return [{ reason, remedy }];
  });
}

function otherCatalogue({ catalogue, stack }: ReleaseRecord, live: LiveStack, remedy: string): Refusal[] {
  // One that is red has not been asked.
  if (!live.smoke.passed || catalogueOf(live.lock).sha256 === catalogue.sha256) return [];
  return [{ reason: `what the servers of ${stack} offer is not what was released`, remedy }];
}

/** What runs, or would, in spite of a release: a program that does not take it has what it declares, unproved. Pure. */
export function ignoredBy({ servers }: IntegrationModel, { artifacts, stack }: ReleaseRecord): Refusal[] {
  return servers.flatMap((server) => {
    const artifact = artifacts[server.name];
    const program = programOf(server);
    if (!artifact || !program || "command" in artifact) return [];
    const declared = program.package ?? program.image ?? program.command;
    if (declared === describeArtifact(artifact)) return [];
    return [
      {
        reason: `server ${server.name} of ${stack} has ${declared} in spite of its release`,
        remedy: "Give the target what was promoted: release: mcp.readRelease().",
      },
    ];
  });
}

/** Uses that nobody has in the stack that the release is from: their tools would be refused. */
function unproved({ promotedFrom }: ReleaseRecord, model: IntegrationModel): Refusal[] {
  return check([knownCatalogue], model).map(({ path }) => ({
    reason: `${path} was not proved in ${promotedFrom?.stack}`,
    remedy: "Give the consumer the same uses there, and release again.",
  }));
}

/** What an artifact is, and nothing else; where a remote server is differs from stack to stack. */
function identified(artifact: Artifact | undefined): string {
  return artifact && !("remote" in artifact) ? JSON.stringify(Object.entries(artifact).sort()) : "";
}
