import type { Tokens } from "./authorization-server.ts";

/** A token is not used in the last part of its life: it must still be good when it arrives. */
const MARGIN = { ms: 30_000, share: 0.1 };

/** How long a token is used whose end was not said; the server's refusal ends it earlier. */
const UNSAID_MS = 600_000;

/** One access token, fetched when it is first needed and again shortly before it ends, once for all who wait. */
export class CachedToken {
  readonly #fetch: () => Promise<Tokens>;
  #current: { value: string; until: number } | undefined;
  #pending: Promise<string> | undefined;

  constructor(fetch: () => Promise<Tokens>) {
    this.#fetch = fetch;
  }

  /** The token; throws what the fetch throws. */
  get(): string | Promise<string> {
    if (this.#current && Date.now() < this.#current.until) return this.#current.value;
    this.#pending ??= this.#renew().finally(() => {
      this.#pending = undefined;
    });
    return this.#pending;
  }

  /** The token is no good; one that came in its place meanwhile stays. */
  drop(token: string): void {
    if (this.#current?.value === token) this.#current = undefined;
  }

  async #renew(): Promise<string> {
    const tokens = await this.#fetch();
    this.#current = { value: tokens.accessToken, until: goodUntil(tokens, Date.now()) };
    return tokens.accessToken;
  }
}

/** Until when a token that was had at `now` may be sent, both as milliseconds since 1970. */
export function goodUntil({ expiresAt }: Pick<Tokens, "expiresAt">, now: number): number {
  if (expiresAt === undefined) return now + UNSAID_MS;
  return expiresAt - Math.min(MARGIN.ms, (expiresAt - now) * MARGIN.share);
}
