import type { JWTPayload } from "jose";
import type { GatewayConfig } from "../config.ts";

/** What a token says of the rights of whoever has it. */
export interface Rights {
  scopes: ReadonlySet<string>;
  /** The OAuth client that it was issued to. */
  client?: string;
}

/** The rights in a token: `scope` (RFC 9068) or `scp`, as text or list; `client_id`, or `azp` where that is missing. */
export function rightsOf(claims: JWTPayload): Rights {
  const client = [claims.client_id, claims.azp].find((each) => typeof each === "string");
  return { scopes: new Set([...words(claims.scope), ...words(claims.scp)]), ...(client && { client }) };
}

function words(claim: unknown): string[] {
  if (typeof claim === "string") return claim.split(" ").filter(Boolean);
  return Array.isArray(claim) ? claim.filter((each) => typeof each === "string") : [];
}

type Consumer = Pick<GatewayConfig["consumers"][number], "scope" | "client">;

/** Whether a token is a consumer's: all that it declares is in the token. What declares nothing would be everybody. */
export function isConsumer({ scope, client }: Consumer, rights: Rights): boolean {
  if (scope === undefined && client === undefined) return false;
  return (scope === undefined || rights.scopes.has(scope)) && isClient({ client }, rights);
}

/** Whether a token was issued to the client that a consumer declares, or it declares none. */
export function isClient({ client }: Pick<Consumer, "client">, rights: Rights): boolean {
  return client === undefined || rights.client === client;
}
