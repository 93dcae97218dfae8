import { isDeepStrictEqual } from "node:util";
import { hashOf, type ReleaseRecord } from "./record.ts";

/** A release as another stack gets it, with the evidence that it has, in the place of the one that stands there. Pure. */
export function promoted(
  source: ReleaseRecord,
  { stack, gateway }: Pick<ReleaseRecord, "stack" | "gateway">,
  standing?: ReleaseRecord,
): ReleaseRecord {
  const { version, artifacts, catalogue, evidence } = source;
  const promotedFrom = { stack: source.stack, sha256: hashOf(source) };
  return succeeding(standing, { version, stack, gateway, promotedFrom, artifacts, catalogue, evidence });
}

/** A record with the one to return to: the release before, and not the same one before it was proved once more. Pure. */
export function succeeding(standing: ReleaseRecord | undefined, record: ReleaseRecord): ReleaseRecord {
  const previous = standing && (sameRelease(standing, record) ? standing.previous : hashOf(standing));
  return { ...record, ...(previous && { previous }) };
}

/** The same artifacts, and the same tools for each identity that both know: stacks need not have all consumers. */
export function sameRelease(one: ReleaseRecord, other: ReleaseRecord): boolean {
  if (!isDeepStrictEqual(one.artifacts, other.artifacts)) return false;
  const { pinned } = other.catalogue;
  return Object.entries(one.catalogue.pinned).every(
    ([identity, pins]) => !pinned[identity] || isDeepStrictEqual(pins, pinned[identity]),
  );
}
