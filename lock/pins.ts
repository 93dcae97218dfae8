import { unqualified } from "../gateway/access.ts";
import { definitionHash } from "../gateway/pinning/definition-hash.ts";
import type { Lock } from "./lock.ts";

/** Hashes of the raw definitions of tools, by identity, server and the server's own name for the tool. */
export type Pinned = Record<string, { tools: Record<string, Record<string, string>> }>;

/** What a gateway is pinned to by a lock. What has no hash, nobody can have agreed on. Pure. */
export function pinsIn({ tools }: Pick<Lock, "tools">): Pinned {
  const pinned: Pinned = {};
  for (const [exposed, entries] of Object.entries(tools)) {
    const named = unqualified(exposed);
    for (const { seenBy, definition } of entries) {
      const hash = definitionHash(definition);
      if (!named || !hash) continue;
      for (const identity of seenBy) {
        pinned[identity] ??= { tools: {} };
        pinned[identity].tools[named.server] = {
          ...pinned[identity].tools[named.server],
          [named.name]: hash,
        };
      }
    }
  }
  return pinned;
}
