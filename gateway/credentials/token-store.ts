import type { Tokens } from "./authorization-server.ts";

/** Whose tokens, and for what: with another client or for another resource they are not the same. */
export interface TokenOwner {
  server: string;
  subject: string;
  issuer: string;
  clientId: string;
  resource: string;
}

/** Where people's tokens for servers are kept. */
export interface TokenStore {
  /** `undefined` when there are none, or none that can be used. */
  read(owner: TokenOwner): Promise<Tokens | undefined>;
  /** Has kept them for good when it resolves. */
  write(owner: TokenOwner, tokens: Tokens): Promise<void>;
  delete(owner: TokenOwner): Promise<void>;
  /**
   * Does something that nobody else, in this process or another, does for the same owner at the same time. (A refresh
   * token that is used twice counts as stolen, and all that came from it is revoked.)
   */
  exclusively<T>(owner: TokenOwner, work: () => Promise<T>): Promise<T>;
}
