import type { AuthenticationFailure } from "./authenticator.ts";

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
