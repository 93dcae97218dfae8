import { UpstreamError } from "../upstream.ts";

/** The requests at one server that may be taken back from it, to be made of another. */
export class Movable {
  readonly #server: string;
  readonly #underWay = new Set<AbortController>();

  constructor(server: string) {
    this.#server = server;
  }

  /** Makes a request that ends with the caller's signal, or when it is taken back. */
  async run<Result>(
    signal: AbortSignal | undefined,
    request: (signal: AbortSignal) => Promise<Result>,
  ): Promise<Result> {
    const controller = new AbortController();
    const cancel = () => controller.abort();
    if (signal?.aborted) cancel();
    signal?.addEventListener("abort", cancel, { once: true });
    this.#underWay.add(controller);
    try {
      return await request(controller.signal);
    } catch (error) {
      const isTakenBack = controller.signal.aborted && !signal?.aborted;
      throw isTakenBack
        ? new UpstreamError("unavailable", `Server "${this.#server}" does not answer`)
        : error;
    } finally {
      this.#underWay.delete(controller);
      signal?.removeEventListener("abort", cancel);
    }
  }

  /** Takes all requests back. */
  takeBack(): void {
    for (const controller of this.#underWay) controller.abort();
  }
}
