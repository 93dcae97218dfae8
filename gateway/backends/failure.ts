import { NoToken } from "../credentials/no-token.ts";
import { UpstreamError } from "../upstream.ts";
import { Rejection } from "./rejection.ts";

/**
 * Whether a server failed: no answer, or none in MCP. An error in JSON-RPC is an answer; so is HTTP 4xx, which is about
 * the request, its credential or its quota. Where one caller's token is not to be had, others may have theirs.
 */
export function isFailure(error: unknown): boolean {
  if (!(error instanceof UpstreamError) || error instanceof NoToken) return false;
  return error.kind === "timeout" || (error.kind === "unavailable" && !isRefused(error));
}

/** Whether the same server may well answer the same request a moment later. */
export function mayPass(error: UpstreamError): boolean {
  if (error instanceof Rejection) return error.reason === "breaker_open";
  return isFailure(error) || error instanceof NoToken || error.http?.status === 429;
}

/**
 * What a caller should know of a request that failed for good.
 *
 * @param asked how many servers were asked, or how often one was.
 */
export function inTheEnd(error: UpstreamError, asked: number, mayRepeat: boolean): UpstreamError {
  const isUnknown = error.sent && !mayRepeat && isFailure(error);
  if (!isUnknown && asked <= 1) return error;
  const more = isUnknown
    ? "; it is unknown whether the call was carried out, and it was not repeated"
    : ` (tried ${asked} times)`;
  return new UpstreamError(error.kind, error.message + more, error);
}

function isRefused({ http }: UpstreamError): boolean {
  return http !== undefined && http.status >= 400 && http.status < 500;
}
