import type { Tokens, TokenTarget } from "./authorization-server.ts";
import { CachedToken } from "./cached-token.ts";
import type { Challenge } from "./challenge.ts";
import type { Credential } from "./credential.ts";
import { CredentialError } from "./credential-error.ts";
import { NoToken } from "./no-token.ts";
import { OAuthRefusal } from "./oauth-refusal.ts";

/** What an authorization server says when it is the caller's token that it does not like (RFC 8693, section 2.2.2). */
const CALLERS_AFFAIR: ReadonlySet<string | undefined> = new Set([
  "invalid_request",
  "invalid_grant",
  "access_denied",
]);

/**
 * A token that an authorization server issues without asking anybody: by client credentials, or in exchange for the
 * caller's. It never asks for more than the declared scopes, whatever the server wants.
 */
export class IssuedToken implements Credential {
  readonly #server: string;
  readonly #scopes: readonly string[];
  readonly #cached: CachedToken;

  /**
   * @param server its name, for errors.
   * @param exchanged whether it is had for the caller's own token.
   */
  constructor(
    server: string,
    { scopes }: TokenTarget,
    fetch: () => Promise<Tokens>,
    { exchanged = false } = {},
  ) {
    this.#server = server;
    this.#scopes = scopes;
    this.#cached = new CachedToken(() =>
      fetch().catch((error) => {
        const none = new NoToken(server, (error as Error).message);
        const refusal = error instanceof OAuthRefusal ? error.reason.code : undefined;
        throw exchanged && CALLERS_AFFAIR.has(refusal) ? new CredentialError(none.message) : none;
      }),
    );
  }

  token(): string | Promise<string> {
    return this.#cached.get();
  }

  refused(token: string, { status, scopes }: Challenge): void {
    this.#cached.drop(token);
    if (status === 401) return;
    const missing = scopes.filter((scope) => !this.#scopes.includes(scope));
    const wanted = missing.length > 0 ? `the scope ${missing.join(" ")}` : "a scope that it does not name";
    throw new CredentialError(
      `Server "${this.#server}" wants ${wanted}, which its credentials don't ask for`,
    );
  }
}
