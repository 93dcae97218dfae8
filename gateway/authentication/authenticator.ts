import type { GatewayConfig } from "../config.ts";
import { bearerTokens } from "./tokens.ts";

/** Why a caller is not known; also the label of the metric. */
export type AuthenticationFailure = "missing_token" | "malformed_header" | "unknown_token";

/** Who calls, or why that is not known. */
export type Identity =
  | {
      /** The consumers whose token it is; their grants add up. */
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
export function authenticator(config: GatewayConfig): Authenticator {
  if (config.auth === "none") return () => ({ consumers: [ANYONE], subject: ANYONE });
  return bearerTokens(
    config.consumers.flatMap(({ name, tokenSha256 }) => (tokenSha256 ? [{ name, tokenSha256 }] : [])),
  );
}
