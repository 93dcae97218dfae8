import { hash } from "node:crypto";
import { decodeJwt, errors, type JWTPayload, jwtVerify } from "jose";
import { LRUCache } from "lru-cache";
import type { GatewayConfig } from "../config.ts";
import type { Logger } from "../logging.ts";
import type { AuthenticationFailure, Authenticator, Identity } from "./authenticator.ts";
import { bearerToken } from "./bearer.ts";
import { isConsumer, rightsOf } from "./claims.ts";
import { IssuerKeys, KeysUnavailable } from "./issuer-keys.ts";

/** Signatures that only the issuer can make. With a shared secret, or none, everybody who checks could sign as well. */
const ALGORITHMS = [
  ...["RS256", "RS384", "RS512", "PS256", "PS384", "PS512"],
  ...["ES256", "ES384", "ES512", "EdDSA", "Ed25519"],
];

/** Access tokens (RFC 9068), and what many issuers call them. Other kinds, such as logout tokens, are for other ends. */
const TYPES = new Set([undefined, "at+jwt", "application/at+jwt", "jwt"]);

/** How far clocks may be apart, in seconds. */
const CLOCK_TOLERANCE = 5;

/** How long a verdict is kept at most, in milliseconds: a key that was withdrawn is good for as long at most. */
const VERDICT_MS = 60_000;

/** How many verdicts are kept. */
const VERDICTS = 10_000;

/**
 * Access tokens as JWTs (RFC 9068) that one of the configured issuers signed for this gateway. What a token says of itself
 * is trusted for one thing before its signature is checked: which of these issuers to ask.
 */
export function signedTokens(config: GatewayConfig, logger: Logger): Authenticator {
  const issuers = issuersOf(config, logger);
  // By digest, so that no token is kept longer than its request, and none can be found by the time of a comparison.
  const known = new LRUCache<string, Verdict>({ max: VERDICTS });

  async function judge(token: string, digest: string): Promise<Identity> {
    const issuer = issuers.get(issuerIn(token));
    if (!issuer) return { failure: "unknown_token" };
    let claims: JWTPayload;
    try {
      const verified = await jwtVerify(token, issuer.keys.keyOf, {
        algorithms: ALGORITHMS,
        issuer: issuer.name,
        audience: issuer.audiences,
        clockTolerance: CLOCK_TOLERANCE,
        requiredClaims: ["exp", "sub"],
      });
      if (!TYPES.has(verified.protectedHeader.typ?.toLowerCase())) return { failure: "unknown_token" };
      claims = verified.payload;
    } catch (error) {
      return { failure: failureOf(error) };
    }
    // Bound to a key of its holder (RFC 9449, RFC 8705), which a bearer has not proved to have.
    if (claims.cnf !== undefined || typeof claims.sub !== "string") return { failure: "unknown_token" };
    const rights = rightsOf(claims);
    const consumers = config.consumers.filter((each) => isConsumer(each, rights)).map(({ name }) => name);
    const verdict = { consumers, subject: `${issuer.name}|${claims.sub}` };
    const ttl = Math.min(VERDICT_MS, (claims.exp ?? 0) * 1000 - Date.now());
    if (ttl > 0) known.set(digest, verdict, { ttl });
    return { ...verdict, token };
  }

  return (authorization) => {
    const bearer = bearerToken(authorization);
    if ("failure" in bearer) return bearer;
    const digest = hash("sha256", bearer.token, "base64");
    const verdict = known.get(digest);
    return verdict ? { ...verdict, token: bearer.token } : judge(bearer.token, digest);
  };
}

/** What a good token was found to be of. */
interface Verdict {
  consumers: readonly string[];
  subject: string;
}

interface Issuer {
  name: string;
  audiences: string[];
  keys: IssuerKeys;
}

function issuersOf(config: GatewayConfig, logger: Logger): ReadonlyMap<string, Issuer> {
  const issuers = new Map<string, Issuer>();
  for (const { issuer: name, audience, jwksUri } of config.issuers) {
    const known = issuers.get(name);
    if (known) {
      known.audiences.push(audience);
      continue;
    }
    const onChange = (failure: string | undefined) => {
      if (failure === undefined) logger.info({ issuer: name }, "issuer's keys fetched");
      else logger.warn({ issuer: name, reason: failure }, "issuer's keys can't be fetched");
    };
    const keys = new IssuerKeys({ issuer: name, jwksUri }, { onChange });
    issuers.set(name, { name, audiences: [audience], keys });
  }
  return issuers;
}

function issuerIn(token: string): string {
  try {
    return decodeJwt(token).iss ?? "";
  } catch {
    return "";
  }
}

function failureOf(error: unknown): AuthenticationFailure {
  if (error instanceof KeysUnavailable) return "issuer_unavailable";
  if (error instanceof errors.JWTExpired) return "expired_token";
  const audience = error instanceof errors.JWTClaimValidationFailed && error.claim === "aud";
  return audience ? "wrong_audience" : "unknown_token";
}
