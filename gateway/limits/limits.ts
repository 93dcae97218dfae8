import { RateLimiterMemory, RateLimiterRes } from "rate-limiter-flexible";
import type { Grants } from "../access.ts";
import type { GatewayConfig } from "../config.ts";

/** What a caller hears of a call beyond a limit. */
export const LIMITED = "Too many calls: this one was not made; try again later";

/** Rate limits of tool calls. */
export interface Limits {
  /**
   * Counts a call, if there is room for it; else how long to wait, in milliseconds. The consumer's own limit is asked
   * first: what is beyond it takes nothing from the others.
   */
  take(grants: Grants, server: string, tool: string): Promise<number | undefined>;
}

/**
 * The limits that a configuration declares, each counted at this instance of the gateway alone; `undefined` when there is
 * none. A consumer is limited as it was declared: all who come as it share its calls, however many tokens they have. Who
 * is several consumers calls as the first that has the tool.
 */
export function limitsOf(config: GatewayConfig): Limits | undefined {
  const consumers = new Map<string, RateLimiterMemory>();
  for (const { name, limit } of config.consumers) if (limit) consumers.set(name, limiter(limit));
  const tools = new Map<string, ReadonlyMap<string, RateLimiterMemory>>();
  for (const { name, perTool } of config.servers) {
    const limited = Object.entries(perTool).flatMap(([tool, { limit }]) =>
      limit ? [[tool, limiter(limit)] as const] : [],
    );
    if (limited.length > 0) tools.set(name, new Map(limited));
  }
  if (consumers.size === 0 && tools.size === 0) return undefined;
  return {
    async take(grants, server, tool) {
      const own = consumers.size > 0 ? consumers.get(grants.holders(server, tool)[0] ?? "") : undefined;
      const waitMs = await consume(own);
      if (waitMs !== undefined) return waitMs;
      const shared = await consume(tools.get(server)?.get(tool));
      // It is not made, so it is none of the consumer's.
      if (shared !== undefined) await own?.reward(ALL);
      return shared;
    },
  };
}

/** The one key of each limiter. */
const ALL = "";

function limiter({ calls, perMs }: { calls: number; perMs: number }): RateLimiterMemory {
  return new RateLimiterMemory({ points: calls, duration: perMs / 1000 });
}

async function consume(limiter: RateLimiterMemory | undefined): Promise<number | undefined> {
  try {
    await limiter?.consume(ALL);
    return undefined;
  } catch (refused) {
    if (refused instanceof RateLimiterRes) return Math.max(1, Math.ceil(refused.msBeforeNext));
    throw refused;
  }
}
