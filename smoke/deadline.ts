import pRetry from "p-retry";

/** A check that could not be made, because of something that another check reports. */
export class NotChecked extends Error {
  override readonly name = "NotChecked";
}

/** Milliseconds as people read them. */
export function inWords(milliseconds: number): string {
  if (milliseconds < 1_000) return `${Math.round(milliseconds)} ms`;
  return `${Number((milliseconds / 1_000).toFixed(1))} s`;
}

/** The one deadline of a smoke test: it cancels what still runs. */
export class Deadline {
  /** The whole time, in milliseconds. */
  readonly milliseconds: number;
  readonly #started = performance.now();
  readonly #controller = new AbortController();
  readonly #timer: NodeJS.Timeout;

  constructor(milliseconds: number) {
    this.milliseconds = milliseconds;
    // A timer that keeps the process alive, unlike AbortSignal.timeout: a report comes, whatever else ends.
    this.#timer = setTimeout(() => this.#controller.abort(new NotChecked("deadline")), milliseconds);
  }

  get signal(): AbortSignal {
    return this.#controller.signal;
  }

  get struck(): boolean {
    return this.#controller.signal.aborted;
  }

  /** Milliseconds since the test began. */
  get elapsed(): number {
    return performance.now() - this.#started;
  }

  /**
   * Milliseconds that may still be spent on waiting for servers to start. Half of the whole time: the other
   * half is for the checks, so that a server that never starts doesn't hide what is wrong with the others.
   */
  get warmUpLeft(): number {
    return Math.max(0, this.milliseconds / 2 - this.elapsed);
  }

  /** `work`'s outcome, or a rejection as soon as the deadline strikes: not everything heeds a signal. */
  async race<T>(work: Promise<T>): Promise<T> {
    work.catch(() => {});
    this.signal.throwIfAborted();
    let onAbort = () => {};
    const strikes = new Promise<never>((_, reject) => {
      onAbort = () => reject(this.signal.reason);
      this.signal.addEventListener("abort", onAbort, { once: true });
    });
    return Promise.race([work, strikes]).finally(() => this.signal.removeEventListener("abort", onAbort));
  }

  /**
   * Tries until it works, until it is hopeless, or until the time for warming up is over; once at least. The
   * last failure is thrown.
   *
   * @param attempt gets the longest time it may take, in milliseconds.
   */
  async whileWarmingUp<T>(
    attempt: (limit: number) => Promise<T>,
    worthwhile: (error: Error) => boolean,
  ): Promise<T> {
    // Whole milliseconds: AbortSignal.timeout takes no others.
    const limit = () => Math.ceil(Math.min(10_000, Math.max(this.warmUpLeft, this.milliseconds / 4)));
    return pRetry(() => attempt(limit()), {
      retries: Number.POSITIVE_INFINITY,
      minTimeout: 50,
      maxTimeout: 1_000,
      factor: 1.5,
      maxRetryTime: this.warmUpLeft,
      signal: this.signal,
      shouldRetry: ({ error }) => worthwhile(error),
    });
  }

  /** Frees the timer. */
  end(): void {
    clearTimeout(this.#timer);
  }
}
