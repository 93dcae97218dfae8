import type { JWTPayload } from "jose";
import { errors, type KoaContextWithOIDC } from "oidc-provider";

/** The grant of RFC 8693 and its parameters. */
export const TOKEN_EXCHANGE = {
  grantType: "urn:ietf:params:oauth:grant-type:token-exchange",
  parameters: [
    "subject_token",
    "subject_token_type",
    "requested_token_type",
    "audience",
    "resource",
    "scope",
  ],
};

const ACCESS_TOKEN = "urn:ietf:params:oauth:token-type:access_token";

/** What the exchange needs of its server. */
export interface TokenExchangeParts {
  /** The claims of one of the server's own tokens; rejects any other. */
  verify(token: string): Promise<JWTPayload>;
  sign(claims: JWTPayload): Promise<string>;
  seconds(): number;
}

/**
 * The server's own access token for one of another audience: of the same person, by the client that asks, which the new
 * token names as who acts (`act`).
 */
export function tokenExchange({ verify, sign, seconds }: TokenExchangeParts) {
  return async (context: KoaContextWithOIDC): Promise<void> => {
    const { client, params = {}, issuer } = context.oidc;
    if (params.subject_token_type !== ACCESS_TOKEN) {
      throw new errors.InvalidRequest("subject_token_type must be that of an access token");
    }
    const subject = await verify(String(params.subject_token)).catch(() => {
      throw new errors.InvalidRequest("the subject token is not valid");
    });
    const audience = params.resource ?? params.audience;
    if (typeof audience !== "string") throw new errors.InvalidTarget();
    const now = Math.floor(Date.now() / 1000);
    const clientId = client?.clientId ?? "";
    context.body = {
      access_token: await sign({
        iss: issuer,
        sub: subject.sub,
        aud: audience,
        client_id: clientId,
        act: { sub: clientId },
        scope: params.scope,
        iat: now,
        exp: now + seconds(),
      }),
      issued_token_type: ACCESS_TOKEN,
      token_type: "Bearer",
      expires_in: seconds(),
    };
  };
}
