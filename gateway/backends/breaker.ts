import {
  CircuitState,
  ConsecutiveBreaker,
  circuitBreaker,
  handleWhen,
  type IBackoff,
  type IHalfOpenAfterBackoffContext,
} from "cockatiel";
import { RpcError } from "../protocol/messages.ts";
import { isFailure } from "./failure.ts";
import { Rejection } from "./rejection.ts";

/** `closed`: calls pass; `open`: none does; `trying`: one does, and decides. */
export type BreakerState = "closed" | "trying" | "open";

/** Options of {@link Breaker}. */
export interface BreakerOptions {
  server: string;
  /** It opens after so many failures in a row. */
  failures: number;
  /** How long it stays open, in milliseconds. */
  cooldownMs: number;
  onChange: (state: BreakerState) => void;
}

const STATES: Record<CircuitState, BreakerState> = {
  [CircuitState.Closed]: "closed",
  [CircuitState.HalfOpen]: "trying",
  [CircuitState.Open]: "open",
  [CircuitState.Isolated]: "open",
};

/** Spares a server that fails, and its callers the wait. */
export class Breaker {
  readonly #options: BreakerOptions;
  readonly #count: ConsecutiveBreaker;
  readonly #policy: ReturnType<typeof circuitBreaker>;
  #openedAt = 0;
  /** Whether a call has passed since the last opening; else only a check found the server well. */
  #proven = true;
  #checking = false;

  constructor(options: BreakerOptions) {
    this.#options = options;
    this.#count = new ConsecutiveBreaker(options.failures);
    const leftMs = () => this.#leftMs;
    const wait: IBackoff<IHalfOpenAfterBackoffContext> = {
      next: () => wait,
      // Asked at every call while it is open, so that a check can end the wait. By a clock that nobody sets: the policy's own
      // may be set back, and would then keep it open for as long.
      get duration() {
        return leftMs() <= 0 ? Number.NEGATIVE_INFINITY : Number.POSITIVE_INFINITY;
      },
    };
    this.#policy = circuitBreaker(
      // A trial that its caller ended proved nothing.
      handleWhen((error) => isFailure(error) || (this.state === "trying" && !(error instanceof RpcError))),
      { breaker: this.#count, halfOpenAfter: wait },
    );
    this.#policy.onStateChange((state) => {
      if (state === CircuitState.Open) this.#openedAt = performance.now();
      options.onChange(STATES[state]);
    });
  }

  get state(): BreakerState {
    return STATES[this.#policy.state];
  }

  /** Whether a call would pass now. */
  get passes(): boolean {
    return this.state === "closed" || (this.state === "open" && this.#leftMs <= 0);
  }

  /**
   * Makes a call, if it passes.
   *
   * @throws Rejection when it does not; else what the call throws.
   */
  async run<T>(call: () => Promise<T>): Promise<T> {
    // The policy would let others wait for a trial, however long that takes.
    if (!this.passes) throw this.#rejection();
    try {
      const result = await this.#policy.execute(call);
      this.#proven = true;
      return result;
    } catch (error) {
      if (error instanceof RpcError) {
        this.#count.success();
        this.#proven = true;
      }
      throw error;
    }
  }

  /**
   * Notes that the server answered a question of the gateway's own, which counts for the trial. But a server may list its
   * tools and fail at every call: without a call that passed, only one that was down and has come back is believed again.
   */
  foundWell(cameBack: boolean): void {
    if (this.state !== "open" || !(cameBack || this.#proven)) return;
    this.#proven = false;
    this.#checking = true;
    void this.#policy
      .execute(() => {})
      .finally(() => {
        this.#checking = false;
      });
  }

  get #leftMs(): number {
    return this.#checking ? 0 : this.#openedAt + this.#options.cooldownMs - performance.now();
  }

  #rejection(): Rejection {
    const seconds = Math.max(1, Math.ceil(this.#leftMs / 1000));
    return new Rejection(
      "breaker_open",
      `Server "${this.#options.server}" is not called for now, since its last calls failed (circuit breaker): try again in ${seconds} s`,
    );
  }
}
