import type { HttpResponse } from "../protocol/exchange.ts";

/** How a server refused a request for its token (RFC 6750, section 3). */
export interface Challenge {
  status: 401 | 403;
  /** The scopes that it asks for, when it names them. */
  scopes: readonly string[];
}

/**
 * The challenge in an answer; `undefined` when the answer is about something else. A 403 is about the token only when it
 * says that a scope is missing.
 */
export function challengeOf({ status, headers }: Pick<HttpResponse, "status" | "headers">) {
  if (status !== 401 && status !== 403) return undefined;
  const header = [headers["www-authenticate"]].flat().join(", ");
  if (status === 403 && !/\berror="?insufficient_scope\b/.test(header)) return undefined;
  const scope = /\bscope="([^"]*)"/.exec(header)?.[1] ?? "";
  return { status, scopes: scope.split(" ").filter(isScope) } satisfies Challenge;
}

/** A server chose these words: what is no scope (RFC 6749, section 3.3), or a very long one, is left out. */
function isScope(text: string): boolean {
  return /^[\x21\x23-\x5b\x5d-\x7e]{1,200}$/.test(text);
}
