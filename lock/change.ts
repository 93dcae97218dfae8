import type { Kind } from "./kinds.ts";

/** Which way a schema went: what was valid is no longer (`stricter`), what was not is now (`looser`), or both. */
export type Direction = "stricter" | "looser" | "both";

/** One part of a definition that differs. An added definition has all of its parts, a removed one none. */
export interface ChangedPart {
  /** Titles and descriptions inside of schemas are `description` too: models read them all the same. */
  part: "inputSchema" | "outputSchema" | "description" | "annotations" | "other";
  /** Of a schema; absent where it accepts what it did, as with another default. */
  direction?: Direction;
  /** Where in the definition, such as `inputSchema.properties.query`. */
  path?: string;
  before?: unknown;
  after?: unknown;
  /** It reads like instructions to the model. A mark for reviewers, never a proof. */
  instructs?: boolean;
  /** What it is marked for, in words: `tells the model to keep something from the user`. */
  signs?: string[];
}

/** What a change means to one consumer. */
export interface Verdict {
  consumer: string;
  verdict: "breaks" | "concerns" | "none";
  reason: string;
}

/** One definition that is not as it was, for the identities that see it change alike. */
export interface CatalogueChange {
  kind: Kind;
  /** The name that callers know, or the URI. */
  name: string;
  change: "added" | "removed" | "changed";
  /** Identities for which it is so. */
  seenBy: string[];
  parts: ChangedPart[];
  /** Of each declared consumer for which it is so. */
  verdicts: Verdict[];
}
