import { HttpFailure } from "../gateway/protocol/http-failure.ts";
import { isObject, RpcError } from "../gateway/protocol/messages.ts";

/** Why a call was turned away before it was made. */
export interface Refusal {
  /** A rate limit, or the bound on calls that a server gets at once. */
  by: "limit" | "bound";
  /** How long the gateway asks to wait, in milliseconds; absent when it does not say. */
  retryAfterMs?: number;
}

/** The words by which the gateway names the bound: it tells callers no more than that they were rejected. */
export const BOUND = "(resilience.concurrency)";

/** What turned a call away; `undefined` when something failed. Pure. */
export function refusalOf(error: unknown): Refusal | undefined {
  if (error instanceof HttpFailure && error.status === 429) return byLimit(error.retryAfterMs);
  if (!(error instanceof RpcError) || !isObject(error.data)) return undefined;
  const { outcome, retryAfterMs } = error.data;
  if (outcome === "limited") return byLimit(typeof retryAfterMs === "number" ? retryAfterMs : undefined);
  return outcome === "rejected" && error.message.includes(BOUND) ? { by: "bound" } : undefined;
}

function byLimit(retryAfterMs: number | undefined): Refusal {
  return { by: "limit", ...(retryAfterMs !== undefined && { retryAfterMs }) };
}
