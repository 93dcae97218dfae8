/** How many retries each request allows for. */
const SHARE = 0.2;

/** How many are allowed each second whatever the traffic: a lone caller's request may be repeated, too. */
const FLOOR_PER_SECOND = 5;

/** How many can be saved up. */
const MOST = 50;

/**
 * Retries as a share of the traffic. When a server fails for a while, most requests to it fail; were each of them tried
 * three times, a server that is overloaded would get three times the load.
 */
export class RetryBudget {
  readonly #now: () => number;
  #saved = MOST;
  #at: number;

  /** @param now time in milliseconds. */
  constructor(now: () => number = () => performance.now()) {
    this.#now = now;
    this.#at = now();
  }

  /** Notes a request. */
  earn(): void {
    this.#saved = Math.min(MOST, this.#saved + SHARE);
  }

  /** Whether a retry may be made, which is noted then. */
  spend(): boolean {
    const now = this.#now();
    this.#saved = Math.min(MOST, this.#saved + ((now - this.#at) / 1000) * FLOOR_PER_SECOND);
    this.#at = now;
    if (this.#saved < 1) return false;
    this.#saved -= 1;
    return true;
  }
}
