import { z } from "zod";
import { Seal } from "./seal.ts";

/** What the gateway hands out for a while and gets back: its own words, for its own eyes. */
export class SealedMessage<T> {
  readonly #seal: Seal;
  readonly #schema: z.ZodType<{ content: T; until?: number | undefined }>;

  constructor(secret: string, purpose: string, content: z.ZodType<T>) {
    this.#seal = new Seal(secret, purpose);
    this.#schema = z.object({ content, until: z.number().optional() });
  }

  /** @param forMs how long it can be read; absent: for good. */
  write(content: T, forMs?: number): string {
    const until = forMs === undefined ? undefined : Date.now() + forMs;
    return this.#seal.close(JSON.stringify({ content, until }), "").toString("base64url");
  }

  /** What was written; `undefined` when its time is over, or nobody here wrote it. */
  read(text: string): T | undefined {
    const opened = this.#seal.open(Buffer.from(text, "base64url"), "");
    if (opened === undefined) return undefined;
    const { content, until } = this.#schema.parse(JSON.parse(opened));
    return until === undefined || Date.now() < until ? content : undefined;
  }
}
