import { createHash, timingSafeEqual } from "node:crypto";
import type { GatewayConfig } from "./config.ts";

/** Why a caller is not known; also the label of the metric. */
export type AuthenticationFailure = "missing_token" | "malformed_header" | "unknown_token";

/** The name of the caller's consumer, or why there is none. */
export type Identity = { consumer: string } | { failure: AuthenticationFailure };

/** Tells from the `Authorization` header who calls. (A verifier of signed tokens will be another of these.) */
export type Authenticator = (authorization: string | undefined) => Identity;

/** Name that stands for every caller of a gateway without authentication, in logs and metrics. */
export const ANYONE = "anyone";

/** The authenticator that a configuration asks for. */
export function authenticator(config: GatewayConfig): Authenticator {
  if (config.auth === "none") return () => ({ consumer: ANYONE });
  return bearerTokens(
    config.consumers.flatMap(({ name, tokenSha256 }) => (tokenSha256 ? [{ name, tokenSha256 }] : [])),
  );
}

/**
 * Bearer tokens by their SHA-256. Every digest is compared, each in constant time, so that the time of an
 * answer says nothing about any of them.
 */
export function bearerTokens(consumers: readonly { name: string; tokenSha256: string }[]): Authenticator {
  const known = consumers.map(({ name, tokenSha256 }) => ({ name, digest: Buffer.from(tokenSha256, "hex") }));
  return (authorization) => {
    if (!authorization) return { failure: "missing_token" };
    const token = /^Bearer +([A-Za-z0-9\-._~+/]+=*) *$/i.exec(authorization)?.[1];
    if (token === undefined) return { failure: "malformed_header" };
    const digest = createHash("sha256").update(token).digest();
    let found: string | undefined;
    for (const consumer of known) {
      if (timingSafeEqual(consumer.digest, digest)) found = consumer.name;
    }
    return found === undefined ? { failure: "unknown_token" } : { consumer: found };
  };
}

/** The `WWW-Authenticate` header of a 401 (RFC 6750, section 3.1: no error code when no token was sent). */
export function challenge(realm: string, failure: AuthenticationFailure): string {
  const start = `Bearer realm="${quoted(realm)}"`;
  if (failure === "missing_token") return start;
  const error = failure === "malformed_header" ? "invalid_request" : "invalid_token";
  return `${start}, error="${error}", error_description="${DESCRIPTION[failure]}"`;
}

/** The same for a 403: the token is good, what it asks for is not granted to it. */
export function insufficientScope(realm: string): string {
  return `Bearer realm="${quoted(realm)}", error="insufficient_scope", error_description="Not granted to this consumer"`;
}

/** What a 401 says to people. */
export const DESCRIPTION: Record<AuthenticationFailure, string> = {
  missing_token: "A bearer token is required",
  malformed_header: "The Authorization header must be: Bearer TOKEN",
  unknown_token: "The bearer token is not valid here",
};

function quoted(text: string): string {
  return text.replace(/[^\x20-\x7e]/g, "?").replace(/["\\]/g, "\\$&");
}
