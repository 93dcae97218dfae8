import type { Duration } from "./model/index.ts";

/** How often a call that may be repeated is tried. */
export interface RetryArgs {
  /** Tries in all, the first one included; 1 to 10. Default: 3. */
  attempts?: number;
  /** Pause before the second try; it doubles with each, and a random part of it is waited. Default: `"50ms"`. */
  backoff?: Duration;
  /** Longest pause between two tries. Default: `"1s"`. */
  maxBackoff?: Duration;
}

/** When a server that fails is left alone for a while, so that callers hear so at once. */
export interface CircuitBreakerArgs {
  /** Failures in a row after which it gets no more calls. Default: 5. */
  failures?: number;
  /** For how long; then one call tries whether it is back. Default: `"10s"`. */
  cooldown?: Duration;
}

/** How many calls a server gets at once from each instance of the gateway. */
export interface ConcurrencyArgs {
  /** Calls at once. Default: 64. */
  calls?: number;
  /** Calls that wait for their turn; one more is rejected at once. Default: 64. */
  queue?: number;
  /** Longest wait; then the call is rejected without having been sent. Default: `"1s"`. */
  wait?: Duration;
}

/** How failures of one server are met, where that differs from its gateway's `resilience`. */
export interface ServerResilienceArgs {
  /**
   * Retries; `false`: none. Only calls that may be repeated are: the server says so (`readOnlyHint`, `idempotentHint`),
   * or `perTool` does. Default: the gateway's.
   */
  retry?: RetryArgs | false;
  /** The circuit breaker; `false`: none. Default: the gateway's. */
  circuitBreaker?: CircuitBreakerArgs | false;
  /** The bound on calls at once; `false`: none. Default: the gateway's. */
  concurrency?: ConcurrencyArgs | false;
}

/** How failures are met of every server that says nothing else for itself. */
export interface GatewayResilienceArgs {
  /**
   * Longest time for one request to a server that names no timeout of its own, retries included. Default: none, which
   * the policy pack refuses.
   */
  timeout?: Duration;
  /**
   * Retries of calls that may be repeated: the server says so (`readOnlyHint`, `idempotentHint`), or `perTool` does.
   * `false`: none. Default: on, with {@link RetryArgs}' own defaults.
   */
  retry?: RetryArgs | false;
  /** Leaves a server alone that keeps failing. `false`: never. Default: on, with {@link CircuitBreakerArgs}' own defaults. */
  circuitBreaker?: CircuitBreakerArgs | false;
  /** Bounds the calls at once to a server. `false`: no bound. Default: on, with {@link ConcurrencyArgs}' own defaults. */
  concurrency?: ConcurrencyArgs | false;
}

/** So many calls in a length of time, at most, at each instance of the gateway. */
export interface RateLimitArgs {
  /** How many. */
  calls: number;
  /** In what time. Default: `"1m"`. */
  per?: Duration;
}

/** What is different for one tool of a server. */
export interface ToolArgs {
  /** Longest time for a call of it. Default: the server's `timeout`. */
  timeout?: Duration;
  /**
   * Whether a call may be sent twice, when nobody knows what became of the first. `true` is a promise: a tool that
   * books, pays or posts is not repeatable. Default: what the server says of it (`readOnlyHint`, `idempotentHint`).
   */
  repeatable?: boolean;
  /** Most calls of it by all callers together; one more is told when to come back. Default: none. */
  limit?: RateLimitArgs;
}
