/** The end of one request: when its time is over, or whoever wants it is gone. */
export class Deadline {
  /** Fires at the end. */
  readonly signal: AbortSignal;
  readonly #controller = new AbortController();
  readonly #outer: AbortSignal | undefined;
  #expired = false;
  #timer: NodeJS.Timeout | undefined;
  #leftMs: number;
  #since = 0;
  #holds = 0;

  /**
   * @param ms the time that there is.
   * @param outer fires when the request is not wanted any more.
   */
  constructor(ms: number, outer?: AbortSignal) {
    this.signal = this.#controller.signal;
    this.#leftMs = ms;
    this.#outer = outer;
    this.#run();
    if (outer?.aborted) this.#cancel();
    outer?.addEventListener("abort", this.#cancel, { once: true });
  }

  /** Whether it was the time that ended it. */
  get expired(): boolean {
    return this.#expired;
  }

  /** The time stands still while this is under way: people take longer to answer a question than servers may. */
  async hold<T>(work: () => Promise<T>): Promise<T> {
    if (this.#holds++ === 0) {
      clearTimeout(this.#timer);
      this.#leftMs -= performance.now() - this.#since;
    }
    try {
      return await work();
    } finally {
      if (--this.#holds === 0) this.#run();
    }
  }

  /** Lets go of timer and signal. */
  close(): void {
    this.#holds = Number.POSITIVE_INFINITY; // what is held still does not start the time again
    clearTimeout(this.#timer);
    this.#outer?.removeEventListener("abort", this.#cancel);
  }

  #run(): void {
    this.#since = performance.now();
    this.#timer = setTimeout(() => {
      this.#expired = true;
      this.#controller.abort(new Error("timed out"));
    }, this.#leftMs);
  }

  readonly #cancel = () => this.#controller.abort(new Error("cancelled"));
}
