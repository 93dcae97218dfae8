import type { GatewayModel, ServerModel } from "../components/model/index.ts";
import { prettyDuration } from "../components/views/words.ts";
import { type Fact, fact } from "./fact.ts";

/** How failures are met: of a server what it says for itself, of a gateway what holds for all. */
export function resilienceFacts({
  retry,
  circuitBreaker,
  concurrency,
}: ServerModel["resilience"] | GatewayModel["resilience"]): Fact[] {
  return [
    ...fact(
      "retry",
      orOff(retry, ({ attempts }) => `${attempts} attempts`),
    ),
    ...fact(
      "pauses between attempts",
      retry ? `${prettyDuration(retry.backoff)} to ${prettyDuration(retry.maxBackoff)}` : undefined,
    ),
    ...fact(
      "circuit breaker",
      orOff(
        circuitBreaker,
        ({ failures, cooldown }) => `after ${failures} failures, for ${prettyDuration(cooldown)}`,
      ),
    ),
    ...fact(
      "calls at once",
      orOff(
        concurrency,
        ({ calls, queue, wait }) => `${calls}, and ${queue} waiting up to ${prettyDuration(wait)}`,
      ),
    ),
  ];
}

function orOff<Value>(value: Value | false | undefined, words: (value: Value) => string): string | undefined {
  return value === undefined ? undefined : value === false ? "off" : words(value);
}
