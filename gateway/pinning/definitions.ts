import { LRUCache } from "lru-cache";
import type { JsonObject } from "../protocol/messages.ts";
import { definitionHash } from "./definition-hash.ts";

/** By tool, the hash of its definition; `undefined` for one that can't be told, such as one that is listed twice. */
export type Definitions = ReadonlyMap<string, string | undefined>;

/** How long a listing is believed, in milliseconds: three of the health check's rounds. */
const FRESH_MS = 30_000;

/** How many listings are kept: one a server, and one a person where servers answer each in their own way. */
const LISTINGS = 5000;

/** The hash of an item, computed once for as long as the item is kept anywhere. */
export function hashOnce(): (item: JsonObject) => string | undefined {
  const known = new WeakMap<JsonObject, { hash: string | undefined }>();
  return (item) => {
    const found = known.get(item) ?? { hash: definitionHash(item) };
    known.set(item, found);
    return found.hash;
  };
}

/** What servers were last heard to list. */
export class Listings {
  readonly #known = new LRUCache<string, Definitions>({ max: LISTINGS, ttl: FRESH_MS });

  /** What was listed lately; `undefined` when nothing was. */
  get(source: string): Definitions | undefined {
    return this.#known.get(source);
  }

  set(source: string, definitions: Definitions): void {
    this.#known.set(source, definitions);
  }

  /** Forgets what was listed at least so long ago, in milliseconds. */
  forget(source: string, olderThan: number): void {
    if (this.#known.getRemainingTTL(source) <= FRESH_MS - olderThan) this.#known.delete(source);
  }
}

/** The definitions in a listing. */
export function definitionsIn(
  items: readonly JsonObject[],
  hashOf: (item: JsonObject) => string | undefined,
): Definitions {
  const found = new Map<string, string | undefined>();
  for (const item of items) {
    const name = String(item.name);
    const hash = hashOf(item);
    found.set(name, !found.has(name) || found.get(name) === hash ? hash : undefined);
  }
  return found;
}
