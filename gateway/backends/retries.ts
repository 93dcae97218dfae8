import { ExponentialBackoff, type IBackoffFactory } from "cockatiel";
import type { GatewayConfig } from "../config.ts";
import type { UpstreamError } from "../upstream.ts";
import { RetryBudget } from "./budget.ts";
import { mayPass } from "./failure.ts";
import { Rejection } from "./rejection.ts";

type Settings = GatewayConfig["servers"][number]["resilience"]["retry"];

/** The pauses of one request, one before each try after the first. */
export interface Pauses {
  /** How long the next one is, in milliseconds; `undefined` when there is no point in another try. */
  next(failure: UpstreamError, remainingMs: number): number | undefined;
}

/** When the requests to one backend are tried again: with jitter, ever later, and within a budget that they share. */
export class Retries {
  readonly #settings: Settings;
  readonly #budget = new RetryBudget();

  constructor(settings: Settings) {
    this.#settings = settings;
  }

  /** Notes a request. */
  earn(): void {
    this.#budget.earn();
  }

  pauses(): Pauses {
    const settings = this.#settings;
    if (!settings) return NONE;
    const { attempts, backoffMs: initialDelay, maxBackoffMs: maxDelay } = settings;
    let backoff: IBackoffFactory<unknown> = new ExponentialBackoff({ initialDelay, maxDelay });
    let tries = 1;
    return {
      next: (failure, remainingMs) => {
        if (tries++ >= attempts || !mayPass(failure)) return undefined;
        const next = backoff.next(undefined);
        backoff = next;
        const pauseMs = Math.max(next.duration, failure.http?.retryAfterMs ?? 0);
        if (pauseMs >= remainingMs) return undefined;
        // What is rejected here costs its server nothing.
        return failure instanceof Rejection || this.#budget.spend() ? pauseMs : undefined;
      },
    };
  }
}

const NONE: Pauses = { next: () => undefined };
