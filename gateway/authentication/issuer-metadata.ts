import type { JsonObject } from "../protocol/messages.ts";
import { fetchJson } from "./fetch-json.ts";

/** Where an issuer's metadata may be, in the order of MCP authorization, "Authorization Server Metadata Discovery". */
export function metadataUrls(issuer: string): string[] {
  const { origin, pathname } = new URL(issuer);
  const path = pathname.replace(/\/$/, "");
  const inserted = ["oauth-authorization-server", "openid-configuration"].map(
    (name) => `${origin}/.well-known/${name}${path}`,
  );
  return path ? [...inserted, `${origin}${path}/.well-known/openid-configuration`] : inserted;
}

/**
 * What an issuer says of itself (RFC 8414, or OpenID Connect Discovery).
 *
 * @throws Error with the last reason when none of the places has it, or it is another issuer's.
 */
export async function issuerMetadata(issuer: string): Promise<JsonObject> {
  let reason: unknown;
  for (const url of metadataUrls(issuer)) {
    try {
      const metadata = await fetchJson(url);
      // RFC 8414, section 3.3: metadata that names another issuer must not be used.
      if (metadata.issuer === issuer) return metadata;
      reason = new Error(`${url} is about another issuer`);
    } catch (error) {
      reason = error;
    }
  }
  throw reason;
}
