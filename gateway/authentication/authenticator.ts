import type { GatewayConfig } from "../config.ts";
import type { Logger } from "../logging.ts";
import { signedTokens } from "./signed-tokens.ts";
import { bearerTokens } from "./tokens.ts";

/** Why a caller is not known; also the label of the metric. */
export type AuthenticationFailure =
  | "missing_token"
  | "malformed_header"
  | "unknown_token"
  | "expired_token"
  | "wrong_audience"
  /** The token may be good, but its issuer's keys can't be had. */
  | "issuer_unavailable";

/** Who calls, or why that is not known. */
export type Identity =
  | {
      /** The consumers whose token it is, as declared; their grants add up. None: a good token that nobody declared. */
      consumers: readonly string[];
      /** The person or program behind the token, unique over all issuers. */
      subject: string;
      /** The token, where it may be exchanged for another. */
      token?: string;
    }
  | { failure: AuthenticationFailure };

/** Tells from the `Authorization` header who calls. */
export type Authenticator = (authorization: string | undefined) => Identity | Promise<Identity>;

/** Name that stands for every caller of a gateway without authentication, in logs and metrics. */
export const ANYONE = "anyone";

/** The authenticator that a configuration asks for. */
export function authenticator(config: GatewayConfig, logger: Logger): Authenticator {
  if (config.auth === "none") return () => ({ consumers: [ANYONE], subject: ANYONE });
  if (config.auth === "jwt") return signedTokens(config, logger);
  return bearerTokens(
    config.consumers.flatMap(({ name, tokenSha256 }) => (tokenSha256 ? [{ name, tokenSha256 }] : [])),
  );
}
