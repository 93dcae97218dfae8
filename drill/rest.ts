import type { IntegrationModel } from "../components/model/integration.ts";
import type { ExampleCall } from "../profile/calls.ts";

/** Bounds of a client's rest, in milliseconds: calls go on all through a fault, and are not made for their own sake. */
const REST_MS = { shortest: 10, longest: 1_000 };

/**
 * How long each client rests after a call, in milliseconds, so that the declared rate limits let through calls before,
 * during and after a fault; used up at once they would hide it. Pure.
 */
export function restOf(
  { consumers, servers }: Pick<IntegrationModel, "consumers" | "servers">,
  calls: readonly ExampleCall[],
  clients: number,
): number {
  const gaps = calls
    .flatMap(({ consumer, server, tool }) => [
      consumers.find(({ name }) => name === consumer)?.limit,
      servers.find(({ name }) => name === server)?.perTool[tool]?.limit,
    ])
    .map((limit) => (limit ? (limit.per / limit.calls) * clients : 0));
  return Math.min(REST_MS.longest, Math.max(REST_MS.shortest, ...gaps));
}
