import { inMilliseconds } from "../verdict.ts";
import type { Evidence, Recommendation } from "./recommendation.ts";

/** Bytes of JSON for a token, by rule of thumb. */
export const BYTES_A_TOKEN = 4;

/** Models choose worse among more than this, and it fills a good part of a small context. */
const MANY_TOKENS = 10_000;

/** A list that takes longer than this is felt at the beginning of every conversation, in milliseconds. */
const SLOW = 500;

/** Lists that are large or slow, because a consumer uses all there is. */
export function lists({ measurements }: Evidence): Recommendation[] {
  return measurements.lists.flatMap(({ consumer, tools, bytes, p50, wildcard }) => {
    const tokens = Math.round(bytes / BYTES_A_TOKEN);
    if (!wildcard || (tokens < MANY_TOKENS && p50 < SLOW)) return [];
    const because = `its list has ${tools} tools, about ${tokens} tokens in each of its conversations, and takes ${inMilliseconds(p50)}; it uses all tools of a server`;
    return [
      { subject: consumer, change: 'uses: [server.tool("name"), …] in place of server.tool("*")', because },
    ];
  });
}
