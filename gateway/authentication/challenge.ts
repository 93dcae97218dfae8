import type { AuthenticationFailure } from "./authenticator.ts";

/** What a challenge tells clients that can fetch tokens. */
export interface TokenAdvice {
  /** Where it stands who gives tokens (RFC 9728, section 5.1). */
  resourceMetadata?: string;
  /** The scopes that are needed, with spaces between them. */
  scope?: string;
}

/** The `WWW-Authenticate` header of a 401 (RFC 6750, section 3.1: no error code when no token was sent). */
export function challenge(realm: string, failure: AuthenticationFailure, advice: TokenAdvice = {}): string {
  if (failure === "missing_token") return bearer({ realm, ...named(advice) });
  const error = failure === "malformed_header" ? "invalid_request" : "invalid_token";
  return bearer({ realm, error, error_description: DESCRIPTION[failure], ...named(advice) });
}

/** The same for a 403: the token is good, what it asks for is not granted to it. */
export function insufficientScope(realm: string, advice: TokenAdvice = {}): string {
  const error_description = "Not granted to this consumer";
  return bearer({ realm, error: "insufficient_scope", error_description, ...named(advice) });
}

/** What a 401 says to people. */
export const DESCRIPTION: Record<AuthenticationFailure, string> = {
  missing_token: "A bearer token is required",
  malformed_header: "The Authorization header must be: Bearer TOKEN",
  unknown_token: "The bearer token is not valid here",
  expired_token: "The bearer token has expired",
  wrong_audience: "The bearer token is for another resource",
  issuer_unavailable: "The bearer token can't be checked now: its issuer's keys can't be had",
};

function named({ resourceMetadata, scope }: TokenAdvice) {
  return { scope: scope || undefined, resource_metadata: resourceMetadata };
}

function bearer(parameters: Record<string, string | undefined>): string {
  const pairs = Object.entries(parameters).flatMap(([name, value]) =>
    value === undefined ? [] : [`${name}="${quoted(value)}"`],
  );
  return `Bearer ${pairs.join(", ")}`;
}

function quoted(text: string): string {
  return text.replace(/[^\x20-\x7e]/g, "?").replace(/["\\]/g, "\\$&");
}
