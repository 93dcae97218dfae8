import type { SecretRef } from "./secrets.ts";

/** An authorization server whose access tokens (JWT) the gateway takes. */
export interface IssuerArgs {
  /** Its issuer identifier, exactly as in `iss` of its tokens: an https URL, or http on this machine. */
  issuer: string;
  /** The `aud` that its tokens carry for this gateway (RFC 8707). Default: the gateway's public URL, else its endpoint. */
  audience?: string;
  /** Where its keys are. Default: what its metadata says (RFC 8414, or OpenID Connect Discovery). */
  jwksUri?: string;
}

/** The gateway's own client at the first issuer: a person's browser proves by it whose it is, before consent is stored. */
export interface LoginArgs {
  /** Its `client_id`; the redirect URI to register is `/oauth/callback` at the gateway's public URL. */
  clientId: string;
  /** Its secret, by reference: `secrets.ref(key)`. Default: none, for a public client. */
  clientSecret?: SecretRef;
}

/** How callers prove who they are. */
export interface GatewayAuthArgs {
  /**
   * `tokens`: a generated bearer token for each consumer. `jwt`: access tokens that one of `issuers` signed; nothing is
   * generated, and clients get theirs by OAuth. `none`: nobody is asked, on loopback only; every caller may use what all
   * consumers use. Default: `jwt` where there are `issuers`, else `tokens`.
   */
  mode?: "tokens" | "jwt" | "none";
  /** Who signs the tokens of callers; excludes the modes `tokens` and `none`. Default: none. */
  issuers?: IssuerArgs[];
  /** What `remote.auth.perUser` of a server needs to tell people apart in a browser. Default: none. */
  login?: LoginArgs;
}

/** An OAuth client of the gateway's at an authorization server. */
export interface OAuthClientArgs {
  /** The authorization server; its metadata names the endpoints (RFC 8414). An https URL, or http on this machine. */
  issuer: string;
  /** The `client_id`. */
  clientId: string;
  /** Its secret, by reference: `secrets.ref(key)`. */
  clientSecret: SecretRef;
  /** Scopes to ask for. Default: none, so that the authorization server decides. */
  scopes?: string[];
  /** Whom the token is for (RFC 8707). Default: the server's URL. */
  resource?: string;
}

/** How the gateway proves itself to a remote server: exactly one. A caller's own token is never passed on. */
export interface OutboundAuthArgs {
  /** As itself, the same for every caller: OAuth client credentials. */
  clientCredentials?: OAuthClientArgs;
  /** On behalf of whoever calls: its token is exchanged for one (RFC 8693). Needs `auth.issuers` of the gateway. */
  tokenExchange?: OAuthClientArgs;
  /**
   * As the person who calls, who consents in a browser (authorization code with PKCE). Needs `userTokens` of the gateway
   * and, where others than this machine reach it, `auth.issuers` and `auth.login`. Without a `clientSecret` it is a public
   * client. The redirect URI to register is `/oauth/callback/<server>` at the gateway's public URL, with the server's name.
   */
  perUser?: Omit<OAuthClientArgs, "clientSecret"> & { clientSecret?: SecretRef };
}
