import { connect } from "../smoke/session.ts";
import { type Catalogue, type Kind, kinds } from "./kinds.ts";
import { LIMIT_MS, LISTING_ERA, listed } from "./listing.ts";

/**
 * Asks a live gateway for all that an identity sees.
 *
 * @throws IncompleteList when a server is left out because it can't be listed now.
 * @throws RequestFailure when the gateway can't be asked, or does not come to an end.
 */
export async function capture(endpoint: URL, token: string | undefined): Promise<Catalogue> {
  const signal = AbortSignal.timeout(8 * LIMIT_MS);
  const session = await connect({ endpoint, era: LISTING_ERA, token, limit: LIMIT_MS, signal });
  try {
    const lists = (Object.keys(kinds) as Kind[]).map(
      async (kind) => [kind, await listed(session, kind)] as const,
    );
    return Object.fromEntries(await Promise.all(lists)) as Catalogue;
  } finally {
    await session.close();
  }
}
