import { UNPINNED_TOO } from "../gateway/pinning/unpinned-too.ts";
import { RequestFailure } from "../smoke/failure.ts";
import type { JsonObject, Session } from "../smoke/session.ts";
import { IncompleteList, unlistedIn } from "../smoke/unlisted.ts";
import { type Kind, kinds } from "./kinds.ts";

/**
 * The era to list in: the encoder of the newer one leaves out what its schema doesn't know, such as a tool's `execution`,
 * and what is agreed on is the whole definition.
 */
export const LISTING_ERA = "2025-11-25";

/** Longest time for one request, in milliseconds. */
export const LIMIT_MS = 15_000;

/** More pages than any real gateway has. */
const MAX_PAGES = 100;

/**
 * All that is listed of a kind, what is hidden by a pinned catalogue included: only so can it be seen what has changed.
 *
 * @throws IncompleteList when a server is left out because it can't be listed now.
 * @throws RequestFailure when it can't be listed, or does not come to an end.
 */
export async function listed(session: Session, kind: Kind): Promise<JsonObject[]> {
  const { method, field } = kinds[kind];
  const found: JsonObject[] = [];
  let cursor: unknown;
  for (let page = 0; page < MAX_PAGES; page++) {
    const params = { ...(cursor !== undefined && { cursor }), _meta: { [UNPINNED_TOO]: true } };
    const result = await session.request(method, params, LIMIT_MS);
    const unlisted = unlistedIn(result);
    if (unlisted.length > 0) throw new IncompleteList(unlisted);
    const items = result[field];
    if (Array.isArray(items)) found.push(...items);
    cursor = result.nextCursor;
    if (typeof cursor !== "string") return found;
  }
  throw new RequestFailure(`pages its ${field} without an end (${MAX_PAGES} pages)`, {});
}
