import * as oauth from "openid-client";
import { isLoopback } from "../../components/model/hosts.ts";
import type { GatewayConfig } from "../config.ts";
import { explainRefusal, OAuthRefusal } from "./oauth-refusal.ts";

/** An OAuth client of the gateway's own, with its secret. */
export interface OAuthClient {
  issuer: string;
  clientId: string;
  /** Absent for a public client. */
  clientSecret?: string | undefined;
}

/** What an authorization server gave. */
export interface Tokens {
  accessToken: string;
  /** When it ends, as milliseconds since 1970; absent when that was not said. */
  expiresAt?: number | undefined;
  refreshToken?: string | undefined;
}

/** How a server wants its callers' tokens to be had. */
export type CredentialsConfig = NonNullable<GatewayConfig["servers"][number]["credentials"]>;

/** Whom a token is for and what it may do there. */
export type TokenTarget = Pick<CredentialsConfig, "resource" | "scopes">;

/** Where a browser is sent, and what it must come back with. */
export interface AuthorizationRequest {
  url: URL;
  checks: { state: string; verifier: string; nonce?: string };
}

/** Longest time for one question, in seconds. */
const TIMEOUT_S = 5;

const TOKEN_EXCHANGE = "urn:ietf:params:oauth:grant-type:token-exchange";
const ACCESS_TOKEN = "urn:ietf:params:oauth:token-type:access_token";

/**
 * One client of ours at one authorization server, whose metadata is fetched when it is first needed (RFC 8414, or OpenID
 * Connect Discovery).
 *
 * Every method throws OAuthRefusal, with a reason that quotes nothing from outside.
 */
export class AuthorizationServer {
  readonly issuer: string;
  readonly #client: OAuthClient;
  #found: Promise<oauth.Configuration> | undefined;

  constructor(client: OAuthClient) {
    this.issuer = client.issuer;
    this.#client = client;
  }

  /** A token for the gateway itself. */
  clientCredentials(target: TokenTarget): Promise<Tokens> {
    return this.#ask(async (found) =>
      tokensOf(await oauth.clientCredentialsGrant(found, parameters(target))),
    );
  }

  /** A token of the same person for somebody else (RFC 8693). */
  exchange(subjectToken: string, target: TokenTarget): Promise<Tokens> {
    const subject = {
      subject_token: subjectToken,
      subject_token_type: ACCESS_TOKEN,
      requested_token_type: ACCESS_TOKEN,
    };
    return this.#ask(async (found) =>
      tokensOf(await oauth.genericGrantRequest(found, TOKEN_EXCHANGE, { ...parameters(target), ...subject })),
    );
  }

  /** The page where a person consents; with `openid` among the scopes, where they prove who they are. */
  authorization(target: Partial<TokenTarget>, redirectUri: string): Promise<AuthorizationRequest> {
    return this.#ask(async (found) => {
      const verifier = oauth.randomPKCECodeVerifier();
      const checks = {
        state: oauth.randomState(),
        verifier,
        ...(target.scopes?.includes("openid") && { nonce: oauth.randomNonce() }),
      };
      const url = oauth.buildAuthorizationUrl(found, {
        ...parameters(target),
        redirect_uri: redirectUri,
        state: checks.state,
        ...(checks.nonce && { nonce: checks.nonce }),
        code_challenge: await oauth.calculatePKCECodeChallenge(verifier),
        code_challenge_method: "S256",
      });
      return { url, checks };
    });
  }

  /**
   * What the browser's way back is worth: state, issuer (RFC 9207), nonce and the code verifier are checked.
   *
   * @param callback the address that the browser came back to.
   */
  redeem(
    callback: URL,
    { state, verifier, nonce }: AuthorizationRequest["checks"],
    { resource }: Partial<TokenTarget> = {},
  ): Promise<Tokens & { subject?: string | undefined }> {
    return this.#ask(async (found) => {
      const checks = { expectedState: state, pkceCodeVerifier: verifier, expectedNonce: nonce };
      const answer = await oauth.authorizationCodeGrant(found, callback, checks, {
        ...(resource && { resource }),
      });
      return { ...tokensOf(answer), subject: answer.claims()?.sub };
    });
  }

  /** New tokens for a refresh token; the old refresh token where no new one was given. */
  refresh(refreshToken: string, { resource }: TokenTarget): Promise<Tokens> {
    return this.#ask(async (found) => ({
      refreshToken,
      ...tokensOf(await oauth.refreshTokenGrant(found, refreshToken, { resource })),
    }));
  }

  async #ask<T>(question: (found: oauth.Configuration) => Promise<T>): Promise<T> {
    try {
      this.#found ??= discovered(this.#client).catch((error) => {
        this.#found = undefined;
        throw error;
      });
      return await question(await this.#found);
    } catch (error) {
      throw new OAuthRefusal(this.issuer, explainRefusal(error));
    }
  }
}

async function discovered(client: OAuthClient): Promise<oauth.Configuration> {
  const issuer = new URL(client.issuer);
  const find = (algorithm: "oauth2" | "oidc") =>
    oauth.discovery(issuer, client.clientId, client.clientSecret, authentication(client.clientSecret), {
      algorithm,
      timeout: TIMEOUT_S,
      // The model lets plain HTTP through for loopback alone; so does this, whatever configuration it is given.
      execute: isLoopback(issuer.hostname) ? [oauth.allowInsecureRequests] : [],
    });
  return find("oauth2").catch(() => find("oidc"));
}

/** By Basic, which every server must take (RFC 6749, section 2.3.1), unless it says that it takes the other alone. */
function authentication(secret: string | undefined): oauth.ClientAuth {
  if (secret === undefined) return oauth.None();
  const basic = oauth.ClientSecretBasic(secret);
  const post = oauth.ClientSecretPost(secret);
  return (server, ...rest) => {
    const methods = server.token_endpoint_auth_methods_supported ?? ["client_secret_basic"];
    const onlyPost = methods.includes("client_secret_post") && !methods.includes("client_secret_basic");
    return (onlyPost ? post : basic)(server, ...rest);
  };
}

function parameters({ resource, scopes = [] }: Partial<TokenTarget>): Record<string, string> {
  return { ...(resource && { resource }), ...(scopes.length > 0 && { scope: scopes.join(" ") }) };
}

function tokensOf(answer: Awaited<ReturnType<typeof oauth.clientCredentialsGrant>>): Tokens {
  const seconds = answer.expiresIn();
  return {
    accessToken: answer.access_token,
    ...(seconds !== undefined && { expiresAt: Date.now() + seconds * 1000 }),
    ...(answer.refresh_token && { refreshToken: answer.refresh_token }),
  };
}
