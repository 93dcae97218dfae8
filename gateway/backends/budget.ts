/** How many requests make up for one retry. */
const REQUESTS_PER_RETRY = 5;

/** Retries that are made up for each second, whatever the traffic: a lone caller's request may be repeated, too. */
const FREE_PER_SECOND = 5;

/** How many retries can be saved up. */
const MOST = 50;

/**
 * Retries as a share of the traffic. When a server fails for a while, most requests to it fail; were each of them tried
 * three times, a server that is overloaded would get three times the load.
 */
export class RetryBudget {
  readonly #now: () => number;
  /** In requests. */
  #saved = MOST * REQUESTS_PER_RETRY;
  #at: number;

  /** @param now time in milliseconds. */
  constructor(now: () => number = () => performance.now()) {
    this.#now = now;
    this.#at = now();
  }

  /** Notes a request. */
  earn(): void {
    this.#save(1);
  }

  /** Whether a retry may be made, which is noted then. */
  spend(): boolean {
    const now = this.#now();
    this.#save(((now - this.#at) / 1000) * FREE_PER_SECOND * REQUESTS_PER_RETRY);
    this.#at = now;
    if (this.#saved < REQUESTS_PER_RETRY) return false;
    this.#saved -= REQUESTS_PER_RETRY;
    return true;
  }

  #save(requests: number): void {
    this.#saved = Math.min(MOST * REQUESTS_PER_RETRY, this.#saved + requests);
  }
}
