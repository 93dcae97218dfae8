import { setTimeout } from "node:timers/promises";
import { RpcError } from "../protocol/messages.ts";
import { AuthorizationNeeded } from "./authorization-needed.ts";
import type { AuthorizationServer, Tokens, TokenTarget } from "./authorization-server.ts";
import { goodUntil } from "./cached-token.ts";
import type { Challenge } from "./challenge.ts";
import type { Credential } from "./credential.ts";
import { NoToken } from "./no-token.ts";
import { OAuthRefusal } from "./oauth-refusal.ts";
import type { TokenOwner, TokenStore } from "./token-store.ts";

/** Time between two looks into the store while consent is waited for, in milliseconds. */
const LOOK_MS = 300;

/** What a person's token is had by. */
export interface UserTokenParts {
  owner: TokenOwner;
  target: TokenTarget;
  store: TokenStore;
  authorizationServer: AuthorizationServer;
  /** The page where this person consents to these scopes. */
  pageFor: (scopes: readonly string[]) => string;
}

/** A person's own token for a server: kept, refreshed, and asked for when there is none. */
export class UserToken implements Credential {
  readonly #parts: UserTokenParts;
  #current: { value: string; until: number } | undefined;
  #pending: Promise<string> | undefined;
  #bad: string | undefined;

  constructor(parts: UserTokenParts) {
    this.#parts = parts;
  }

  token(): string | Promise<string> {
    if (this.#current && Date.now() < this.#current.until) return this.#current.value;
    this.#pending ??= this.#obtain().finally(() => {
      this.#pending = undefined;
    });
    return this.#pending;
  }

  async refused(token: string, { status, scopes }: Challenge, last: boolean): Promise<void> {
    const { owner, store, target } = this.#parts;
    if (this.#current?.value === token) this.#current = undefined;
    const kept = await store.read(owner);
    // Consent may have been given anew meanwhile, perhaps at another instance of the gateway.
    if (kept && kept.accessToken !== token) return;
    if (status === 403) throw this.#needed([...new Set([...target.scopes, ...scopes])], token);
    this.#bad = token;
    if (!last) return;
    await store.exclusively(owner, async () => {
      if ((await store.read(owner))?.accessToken === token) await store.delete(owner);
    });
    throw this.#needed(target.scopes);
  }

  async #obtain(): Promise<string> {
    const usable = await this.#usable().catch((error) => {
      if (error instanceof RpcError || error instanceof NoToken) throw error;
      const { code = "unusable" } = error as NodeJS.ErrnoException;
      throw new NoToken(this.#parts.owner.server, `people's tokens can't be read or kept (${code})`);
    });
    this.#current = { value: usable.accessToken, until: goodUntil(usable, Date.now()) };
    return usable.accessToken;
  }

  async #usable(): Promise<Tokens> {
    const { owner, store } = this.#parts;
    const kept = await store.read(owner);
    if (!kept) throw this.#needed(this.#parts.target.scopes);
    return this.#isGood(kept) ? kept : store.exclusively(owner, () => this.#refreshed());
  }

  /** Reads again, since whoever had the lock before may have refreshed it. */
  async #refreshed(): Promise<Tokens> {
    const { owner, store, target, authorizationServer } = this.#parts;
    const kept = await store.read(owner);
    if (kept && this.#isGood(kept)) return kept;
    if (kept?.refreshToken === undefined) {
      await store.delete(owner);
      throw this.#needed(target.scopes);
    }
    try {
      const tokens = await authorizationServer.refresh(kept.refreshToken, target);
      // Before it is used: the old refresh token is worth nothing from now on.
      await store.write(owner, tokens);
      return tokens;
    } catch (error) {
      if (!(error instanceof OAuthRefusal)) throw error;
      if (error.reason.code === "invalid_grant") {
        await store.delete(owner);
        throw this.#needed(target.scopes);
      }
      throw new NoToken(owner.server, error.message);
    }
  }

  #isGood(tokens: Tokens): boolean {
    return tokens.accessToken !== this.#bad && Date.now() < goodUntil(tokens, Date.now());
  }

  /** @param known the token that does not do, when there is one. */
  #needed(scopes: readonly string[], known?: string): AuthorizationNeeded {
    const { owner, store, pageFor } = this.#parts;
    return new AuthorizationNeeded(owner.server, pageFor(scopes), async (signal) => {
      while (!signal.aborted) {
        const kept = await store.read(owner);
        if (kept && kept.accessToken !== known) return true;
        await setTimeout(LOOK_MS, undefined, { signal }).catch(() => {});
      }
      return false;
    });
  }
}
