import {
  AuthorizationResponseError,
  ClientError,
  ResponseBodyError,
  WWWAuthenticateChallengeError,
} from "openid-client";
import { explainFailure } from "../probe.ts";

/** An authorization server gave nothing. */
export class OAuthRefusal extends Error {
  override readonly name = "OAuthRefusal";
  /** Why, in words of our own. */
  readonly reason: Reason;

  constructor(issuer: string, reason: Reason) {
    super(`the authorization server ${issuer} ${reason.text}`);
    this.reason = reason;
  }
}

/** Why an authorization server gave nothing. */
export interface Reason {
  text: string;
  /** The error code of its answer, when that is a known one (RFC 6749, 8693, 8707). Absent: it gave no proper answer. */
  code?: string;
}

const CODES = {
  invalid_request: "refuses the request as malformed",
  invalid_client: "does not know this client, or its secret is another one",
  invalid_grant: "no longer accepts what the token was to be had for",
  unauthorized_client: "does not let this client ask in this way",
  unsupported_grant_type: "does not give tokens in this way",
  unsupported_response_type: "does not give authorization codes",
  invalid_scope: "does not have these scopes",
  invalid_target: "gives no token for this resource",
  access_denied: "says that consent was refused",
  login_required: "wants a person to sign in",
  consent_required: "wants a person's consent",
  interaction_required: "wants to ask a person",
  server_error: "reports a failure of its own",
  temporarily_unavailable: "is too busy",
};

const isKnown = (code: string): code is keyof typeof CODES => Object.hasOwn(CODES, code);

/** The reason in a failure, in fixed words: what the other side wrote may hold anything. */
export function explainRefusal(error: unknown): Reason {
  if (error instanceof ResponseBodyError || error instanceof AuthorizationResponseError) {
    if (isKnown(error.error)) return { text: CODES[error.error], code: error.error };
    return { text: "refuses, for a reason of its own" };
  }
  // The answer to a wrong secret in the Authorization header (RFC 6749, section 5.2).
  if (error instanceof WWWAuthenticateChallengeError)
    return { text: CODES.invalid_client, code: "invalid_client" };
  if (!(error instanceof ClientError)) return { text: explainFailure(error) };
  switch (error.code) {
    case "OAUTH_TIMEOUT":
      return { text: "does not answer in time" };
    case "OAUTH_HTTP_REQUEST_FORBIDDEN":
      return { text: "can only be asked over https" };
    case "OAUTH_RESPONSE_IS_NOT_CONFORM":
      return { text: "answers with an unexpected HTTP status" };
    case "OAUTH_RESPONSE_IS_NOT_JSON":
    case "OAUTH_PARSE_ERROR":
      return { text: "answers no JSON" };
    case "OAUTH_JSON_ATTRIBUTE_COMPARISON_FAILED":
      return { text: "names another issuer in its metadata" };
    case "OAUTH_MISSING_SERVER_METADATA":
      return { text: "lacks an endpoint in its metadata" };
    default:
      return { text: `answers what can't be trusted (${error.code ?? "no OAuth answer"})` };
  }
}
