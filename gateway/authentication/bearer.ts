import type { AuthenticationFailure } from "./authenticator.ts";

/** The token of an `Authorization` header (RFC 6750, section 2.1), or why there is none. */
export function bearerToken(
  authorization: string | undefined,
): { token: string } | { failure: AuthenticationFailure } {
  if (!authorization) return { failure: "missing_token" };
  const token = /^Bearer +([A-Za-z0-9\-._~+/]+=*) *$/i.exec(authorization)?.[1];
  return token === undefined ? { failure: "malformed_header" } : { token };
}
