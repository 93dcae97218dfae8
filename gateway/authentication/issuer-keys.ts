import { createLocalJWKSet, errors, type JSONWebKeySet, type JWTVerifyGetKey, type LocalJWKSet } from "jose";
import { fetchJson } from "./fetch-json.ts";
import { issuerMetadata } from "./issuer-metadata.ts";

/** The keys of an issuer can't be had, so that nobody can tell whether a token of it is good. */
export class KeysUnavailable extends Error {
  override readonly name = "KeysUnavailable";
}

/** Times of {@link IssuerKeys}, in milliseconds. */
const TIMES = {
  /** After this the keys are fetched anew, while the known ones still serve. */
  fresh: 600_000,
  /** How long known keys serve while the issuer is down: longer than access tokens should live. */
  stale: 3_600_000,
  /** Between two fetches, so that made-up key ids don't become a flood of requests to the issuer. */
  cooldown: 10_000,
  /** The same after a fetch that failed. */
  retry: 1000,
};

/** Options of {@link IssuerKeys}. */
export interface IssuerKeysOptions {
  /** Told when the keys were fetched, or why not, whenever that changes. */
  onChange?: (failure: string | undefined) => void;
  times?: Partial<typeof TIMES>;
}

/** The public keys of one issuer: fetched when first needed, kept, and fetched again when a token names an unknown one. */
export class IssuerKeys {
  readonly #issuer: { issuer: string; jwksUri?: string | undefined };
  readonly #onChange: (failure: string | undefined) => void;
  readonly #times: typeof TIMES;
  #keys: LocalJWKSet | undefined;
  #fetchedAt = Number.NEGATIVE_INFINITY;
  #notBefore = Number.NEGATIVE_INFINITY;
  #failure: string | undefined;
  #fetching: Promise<void> | undefined;

  constructor(
    issuer: { issuer: string; jwksUri?: string | undefined },
    { onChange = () => {}, times }: IssuerKeysOptions = {},
  ) {
    this.#issuer = issuer;
    this.#onChange = onChange;
    this.#times = { ...TIMES, ...times };
  }

  /** The key that a token says it is signed by. Throws KeysUnavailable, or what jose throws when there is no such key. */
  readonly keyOf: JWTVerifyGetKey = async (header, token) => {
    const age = performance.now() - this.#fetchedAt;
    if (age > this.#times.stale) await this.#refresh();
    else if (age > this.#times.fresh) void this.#refresh();
    try {
      return await this.#known()(header, token);
    } catch (error) {
      if (!(error instanceof errors.JWKSNoMatchingKey)) throw error;
    }
    await this.#refresh();
    try {
      return await this.#known()(header, token);
    } catch (error) {
      // Perhaps the key is new, and only the issuer knows.
      throw this.#failure === undefined ? error : new KeysUnavailable(this.#failure);
    }
  };

  #known(): LocalJWKSet {
    const age = performance.now() - this.#fetchedAt;
    if (!this.#keys || age > this.#times.stale) throw new KeysUnavailable(this.#failure);
    return this.#keys;
  }

  /** Fetches once for all who wait, and not again too soon. Never rejects: what is known then serves on. */
  #refresh(): Promise<void> {
    if (this.#fetching) return this.#fetching;
    if (performance.now() < this.#notBefore) return Promise.resolve();
    this.#fetching = this.#fetch()
      .then(
        (keys) => {
          this.#keys = keys;
          this.#fetchedAt = performance.now();
          this.#settled(undefined);
        },
        (error: Error) => this.#settled(error.message),
      )
      .finally(() => {
        this.#fetching = undefined;
      });
    return this.#fetching;
  }

  async #fetch(): Promise<LocalJWKSet> {
    const { issuer, jwksUri } = this.#issuer;
    const from = jwksUri ?? (await issuerMetadata(issuer)).jwks_uri;
    if (typeof from !== "string") throw new Error("its metadata names no jwks_uri");
    return createLocalJWKSet((await fetchJson(from)) as unknown as JSONWebKeySet);
  }

  #settled(failure: string | undefined): void {
    const { cooldown, retry } = this.#times;
    this.#notBefore = performance.now() + (failure === undefined ? cooldown : retry);
    if (failure !== this.#failure) this.#onChange(failure);
    this.#failure = failure;
  }
}
