import { z } from "zod";
import { UNAVAILABLE } from "../gateway/unavailable.ts";
import { RequestFailure } from "./failure.ts";
import { oneLine, redact } from "./redact.ts";
import type { JsonObject } from "./session.ts";

const unlistedSchema = z.array(z.object({ server: z.string(), reason: z.string() }));

/**
 * A server that a list is without, and why. Where a person's consent would help, the gateway names a page too; that is for
 * this person alone, so it is not read.
 */
export type Unlisted = z.output<typeof unlistedSchema>[number];

/** The servers that the result of a list is without. */
export function unlistedIn({ _meta }: JsonObject): Unlisted[] {
  const found = unlistedSchema.safeParse((_meta as JsonObject | undefined)?.[UNAVAILABLE]);
  return found.success ? found.data : [];
}

/** Says which servers a list is without; empty when it is whole. Pages of one list may name the same server again. */
export function explainUnlisted(unlisted: readonly Unlisted[]): string {
  const sentences = unlisted.map(
    ({ server, reason }) => `server ${oneLine(server)} can't be listed now: ${oneLine(redact(reason))}`,
  );
  return [...new Set(sentences)].join("; ");
}

/** The names of the servers that such a text is about. */
export function serversNotListed(text: string): string[] {
  return [...text.matchAll(/\bserver (\S+) can't be listed now: /g)].map(([, server = ""]) => server);
}

/** A list that is not whole: who takes it for all there is, takes the rest for gone. */
export class IncompleteList extends RequestFailure {
  constructor(unlisted: readonly Unlisted[]) {
    super(explainUnlisted(unlisted), { transient: true });
  }
}
