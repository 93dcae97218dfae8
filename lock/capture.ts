import { UNPINNED_TOO } from "../gateway/pinning/unpinned-too.ts";
import { connect, type JsonObject, type Session } from "../smoke/session.ts";

/** What a catalogue has, by the method that lists it and the field that holds it. */
export const kinds = {
  tools: { method: "tools/list", field: "tools" },
  prompts: { method: "prompts/list", field: "prompts" },
  resources: { method: "resources/list", field: "resources" },
  resourceTemplates: { method: "resources/templates/list", field: "resourceTemplates" },
} as const;

/** One kind of what servers offer. */
export type Kind = keyof typeof kinds;

/** What one identity sees of a live gateway: raw definitions, under the names that callers know. */
export type Catalogue = Record<Kind, JsonObject[]>;

/** Longest time for one request, in milliseconds. */
const LIMIT_MS = 15_000;

/** More pages than any real gateway has. */
const MAX_PAGES = 100;

/**
 * Asks a live gateway for all that an identity sees, what is hidden by a pinned catalogue included: only so can it be seen
 * what has changed.
 *
 * @throws RequestFailure when the gateway can't be asked, or does not come to an end.
 */
export async function capture(endpoint: URL, token: string | undefined): Promise<Catalogue> {
  const signal = AbortSignal.timeout(8 * LIMIT_MS);
  // In the older era: the encoder of the newer one leaves out what its schema doesn't know, such as a tool's `execution`,
  // and what is agreed on is the whole definition.
  const session = await connect({ endpoint, era: "2025-11-25", token, limit: LIMIT_MS, signal });
  try {
    const lists = await Promise.all(
      Object.entries(kinds).map(async ([kind, list]) => [kind, await all(session, list)] as const),
    );
    return Object.fromEntries(lists) as Catalogue;
  } finally {
    await session.close();
  }
}

async function all(session: Session, { method, field }: (typeof kinds)[Kind]): Promise<JsonObject[]> {
  const found: JsonObject[] = [];
  let cursor: unknown;
  for (let page = 0; page < MAX_PAGES; page++) {
    const params = { ...(cursor !== undefined && { cursor }), _meta: { [UNPINNED_TOO]: true } };
    const result = await session.request(method, params, LIMIT_MS);
    const listed = result[field];
    if (Array.isArray(listed)) found.push(...listed);
    cursor = result.nextCursor;
    if (typeof cursor !== "string") break;
  }
  return found;
}
