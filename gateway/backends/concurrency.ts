import { BulkheadRejectedError, bulkhead } from "cockatiel";
import { UpstreamError } from "../upstream.ts";
import { Rejection } from "./rejection.ts";

/** Options of {@link Concurrency}. */
export interface ConcurrencyOptions {
  server: string;
  /** Calls at once. */
  calls: number;
  /** How many may wait for their turn. */
  queue: number;
  /** How long one waits at most, in milliseconds. */
  waitMs: number;
  /** Told how long a call waited for its turn, if it had to, in milliseconds. */
  onWaited?: (ms: number) => void;
}

/**
 * A bound of calls at once, so that a server that has become slow does not gather all the calls there are.
 *
 * One that gave up waiting keeps its place until a call ends: where nothing has ended for so long, newcomers are turned
 * away at once.
 */
export class Concurrency {
  readonly #options: ConcurrencyOptions;
  readonly #bulkhead: ReturnType<typeof bulkhead>;

  constructor(options: ConcurrencyOptions) {
    this.#options = options;
    this.#bulkhead = bulkhead(options.calls, options.queue);
  }

  /** Whether a call would be made at once. */
  get hasRoom(): boolean {
    return this.#bulkhead.executionSlots > 0;
  }

  /**
   * Makes a call when its turn comes.
   *
   * @throws Rejection when that is not in time; else what the call throws.
   */
  run<T>(call: () => Promise<T>, signal: AbortSignal | undefined): Promise<T> {
    return this.hasRoom ? this.#bulkhead.execute(call) : this.#wait(call, signal);
  }

  #wait<T>(call: () => Promise<T>, signal: AbortSignal | undefined): Promise<T> {
    const { calls, queue, waitMs, server } = this.#options;
    const bound = `Server "${server}" has ${calls} calls under way, as many as it gets at once (resilience.concurrency)`;
    const leaving = new AbortController();
    return new Promise((resolve, reject) => {
      const leave = (error: UpstreamError) => {
        settle();
        leaving.abort();
        reject(error);
      };
      const onAbort = () => leave(new UpstreamError("cancelled", "Cancelled by the caller", { sent: false }));
      const timer = setTimeout(() => {
        leave(
          new Rejection("queue_timeout", `${bound}, and none ended within ${waitMs} ms: try again later`),
        );
      }, waitMs);
      const settle = () => {
        clearTimeout(timer);
        signal?.removeEventListener("abort", onAbort);
      };
      const began = performance.now();
      const started = () => {
        settle();
        this.#options.onWaited?.(performance.now() - began);
        return call();
      };
      const failed = (error: unknown) => {
        settle();
        const full = `${bound}, and ${queue} wait: try again later`;
        reject(error instanceof BulkheadRejectedError ? new Rejection("queue_full", full) : error);
      };
      if (signal?.aborted) return onAbort();
      signal?.addEventListener("abort", onAbort, { once: true });
      this.#bulkhead.execute(started, leaving.signal).then(resolve, failed);
    });
  }
}
