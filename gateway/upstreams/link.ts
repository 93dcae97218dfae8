import type { Negotiated } from "../protocol/endpoint.ts";

/** What was agreed on with a server: made when it is first needed, shared by all who wait for it. */
export class Link {
  readonly #negotiate: () => Promise<Negotiated>;
  #negotiated: Promise<Negotiated> | undefined;
  #known: Negotiated | undefined;

  /** @param negotiate has a deadline of its own, since it is for everyone. */
  constructor(negotiate: () => Promise<Negotiated>) {
    this.#negotiate = negotiate;
  }

  /** What is agreed on; negotiates when nothing is. */
  ready(signal: AbortSignal): Promise<Negotiated> {
    if (!this.#negotiated) {
      const started = this.#negotiate().then((known) => {
        this.#known = known;
        return known;
      });
      started.catch(() => {
        if (this.#negotiated === started) this.#negotiated = undefined;
      });
      this.#negotiated = started;
    }
    return raced(this.#negotiated, signal);
  }

  /** What is agreed on, or about to be; `undefined` when nobody needed it yet. */
  get current(): Promise<Negotiated> | undefined {
    return this.#negotiated;
  }

  /** What is agreed on, without any wait for it. */
  get known(): Negotiated | undefined {
    return this.#known;
  }

  /** Negotiates anew next time, unless another request has seen to that; whether it had not. */
  forget(known: Negotiated): boolean {
    if (this.#known !== known) return false;
    this.#known = undefined;
    this.#negotiated = undefined;
    return true;
  }
}

/** The promise, or the signal's end, whichever is first. */
function raced<T>(promise: Promise<T>, signal: AbortSignal): Promise<T> {
  return new Promise((resolve, reject) => {
    const onAbort = () => reject(signal.reason);
    if (signal.aborted) return onAbort();
    signal.addEventListener("abort", onAbort, { once: true });
    promise.then(resolve, reject).finally(() => signal.removeEventListener("abort", onAbort));
  });
}
