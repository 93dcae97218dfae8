import { isDeepStrictEqual } from "node:util";
import type { SmokeReport } from "../smoke/index.ts";
import { recordFile } from "./file.ts";
import { type Artifact, hashOf, type ReleaseRecord } from "./record.ts";

/** Something with its digest, as in-toto names it: by algorithm, in hex. */
interface ResourceDescriptor {
  name: string;
  digest: Record<string, string>;
}

/** What a green smoke test proved of a release: an in-toto statement with the predicate for test results. */
export interface Statement {
  _type: "https://in-toto.io/Statement/v1";
  subject: ResourceDescriptor[];
  predicateType: "https://in-toto.io/attestation/test-result/v0.1";
  predicate: {
    result: "PASSED";
    configuration: ResourceDescriptor[];
    passedTests: string[];
    warnedTests: string[];
    failedTests: string[];
  };
}

/** The statement that is signed about a release. Pure. */
export function statementOf(record: ReleaseRecord, smoke: SmokeReport): Statement {
  return {
    _type: "https://in-toto.io/Statement/v1",
    subject: subjectsOf(record),
    predicateType: "https://in-toto.io/attestation/test-result/v0.1",
    predicate: {
      result: "PASSED",
      configuration: [{ name: "program", digest: { gitCommit: record.evidence.commit } }],
      passedTests: smoke.checks.map(({ subject, check }) => `${subject}: ${check}`),
      warnedTests: [],
      failedTests: [],
    },
  };
}

/** Whether a statement is about this record and the artifacts in it, and about nothing else. */
export function isAbout(statement: unknown, record: ReleaseRecord): boolean {
  const { subject } = (statement ?? {}) as { subject?: unknown };
  return isDeepStrictEqual(subject, subjectsOf(record));
}

function subjectsOf(record: ReleaseRecord): ResourceDescriptor[] {
  return [
    { name: recordFile(record.stack), digest: { sha256: hashOf(record) } },
    { name: "catalogue", digest: { sha256: record.catalogue.sha256 } },
    ...Object.keys(record.artifacts)
      .sort()
      .flatMap((name) => subjectOf(record.artifacts[name])),
  ];
}

/** What has no digest, such as a remote server, is no subject. */
function subjectOf(artifact: Artifact | undefined): ResourceDescriptor[] {
  if (!artifact) return [];
  if ("package" in artifact) {
    const sha512 = Buffer.from(artifact.integrity.slice("sha512-".length), "base64").toString("hex");
    return [{ name: packageUrl(artifact.package), digest: { sha512 } }];
  }
  if ("image" in artifact) return [{ name: artifact.image, digest: { sha256: artifact.image.slice(-64) } }];
  return [];
}

/** `npm:@scope/name@1.2.3` as `pkg:npm/%40scope/name@1.2.3`. */
function packageUrl(text: string): string {
  return `pkg:npm/${text.slice("npm:".length).replace(/^@/, "%40")}`;
}
