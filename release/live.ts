import canonicalize from "canonicalize";
import { type Lock, type Pinned, pinsIn } from "../lock/index.ts";
import type { SmokeReport } from "../smoke/index.ts";
import { type Artifact, type ReleaseRecord, recordVersion, sha256 } from "./record.ts";
import { succeeding } from "./succession.ts";

/** A stack as it is just now. */
export interface LiveStack {
  stack: string;
  gateway: string;
  artifacts: Record<string, Artifact>;
  /** Why some of its servers have no artifact that could be recorded. */
  faults: string[];
  /** What its consumers see. */
  lock: Lock;
  smoke: SmokeReport;
}

/** Beside what is live: when it was looked at, the program's commit, and what policies advised. */
export interface Circumstances {
  /** ISO 8601, UTC. */
  at: string;
  commit: string;
  advisory: number;
}

/** The catalogue of a lock, as a record has it. Resources are left out: many are data, another every hour. */
export function catalogueOf(lock: Lock): { sha256: string; pinned: Pinned } {
  const { tools, prompts, resourceTemplates } = lock;
  return {
    sha256: sha256(canonicalize({ tools, prompts, resourceTemplates }) ?? ""),
    pinned: pinsIn(lock),
  };
}

/** The record of what is live, in the place of the one that stands there. Pure. */
export function recordOf(
  { stack, gateway, artifacts, lock, smoke }: LiveStack,
  { at, commit, advisory }: Circumstances,
  standing?: ReleaseRecord,
): ReleaseRecord {
  const { promotedFrom } = standing ?? {};
  return succeeding(standing, {
    version: recordVersion,
    stack,
    gateway,
    ...(promotedFrom && { promotedFrom }),
    artifacts,
    catalogue: catalogueOf(lock),
    evidence: {
      stack,
      at,
      commit,
      policies: { mandatory: 0, advisory },
      smoke: {
        checks: smoke.checks.length,
        finishedAt: smoke.finishedAt,
        sha256: sha256(canonicalize(smoke) ?? ""),
      },
    },
  });
}
