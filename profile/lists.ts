import type { IntegrationModel } from "../components/model/integration.ts";
import { callersOf } from "../smoke/callers.ts";
import { connect } from "../smoke/session.ts";
import type { ListFigures } from "./figures.ts";

/** How often a list is asked for. */
const TIMES = 9;

/** Longest time for connecting and for one list, in milliseconds. */
const LIMIT_MS = 15_000;

/**
 * What `tools/list` costs each consumer, in time and in size: most clients put the whole list in front of the model with
 * every conversation.
 *
 * @throws RequestFailure when the gateway can't be asked.
 */
export async function listFigures(
  model: IntegrationModel,
  endpoint: URL,
  tokens: Readonly<Record<string, string>>,
): Promise<ListFigures[]> {
  const found: ListFigures[] = [];
  for (const { name: consumer, token, uses } of callersOf(model, tokens)) {
    const signal = AbortSignal.timeout((TIMES + 1) * LIMIT_MS);
    const session = await connect({ endpoint, era: "2026-07-28", token, limit: LIMIT_MS, signal });
    try {
      const times: number[] = [];
      let listed: unknown[] = [];
      for (let time = 0; time < TIMES; time++) {
        const begun = performance.now();
        const { tools } = await session.request("tools/list", {}, LIMIT_MS);
        times.push(performance.now() - begun);
        if (Array.isArray(tools)) listed = tools;
      }
      found.push({
        consumer,
        tools: listed.length,
        bytes: Buffer.byteLength(JSON.stringify(listed)),
        p50: times.toSorted((a, b) => a - b)[Math.floor(TIMES / 2)] ?? 0,
        wildcard: uses.some((use) => "tool" in use && use.tool === "*"),
      });
    } finally {
      await session.close();
    }
  }
  return found;
}
