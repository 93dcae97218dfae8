import type { ConsumerModel } from "../components/model/consumer.ts";
import type { Kind } from "./capture.ts";
import type { Lock } from "./lock.ts";

/** Which way a schema went: what was valid is no longer (`stricter`), what was not is now (`looser`), or both. */
export type Direction = "stricter" | "looser" | "both";

/** One part of a definition that differs. An added or removed definition has only the texts that a model reads. */
export interface ChangedPart {
  /** Titles and descriptions inside of schemas are `description` too: models read them all the same. */
  part: "inputSchema" | "outputSchema" | "description" | "annotations" | "other";
  direction?: Direction;
  /** Where in the definition, such as `inputSchema.properties.query`. */
  path?: string;
  before?: unknown;
  after?: unknown;
  /** It looks like instructions to the model. A mark for reviewers, never a proof. */
  instructs?: boolean;
}

/** What a change means to one consumer. */
export interface Verdict {
  consumer: string;
  verdict: "breaks" | "concerns" | "none";
  reason: string;
}

/** One definition that is not as it was, for identities that see it change alike. */
export interface CatalogueChange {
  kind: Kind;
  /** The name that callers know, or the URI. */
  name: string;
  change: "added" | "removed" | "changed";
  /** Identities for which it is so. */
  seenBy: string[];
  parts: ChangedPart[];
  /** Of each declared consumer that sees or uses it. */
  verdicts: Verdict[];
}

/** What differs between two locks, and what it means to each consumer. Pure. */
export function compareLocks(
  _before: Lock,
  _now: Lock,
  _consumers: readonly ConsumerModel[],
): CatalogueChange[] {
  return [];
}
