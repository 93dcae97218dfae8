import type { GatewayConfig } from "../config.ts";
import type { Health } from "../health.ts";
import type { Logger } from "../logging.ts";
import type { Metrics } from "../metrics.ts";
import type { Backend } from "./backend.ts";

/** What backends work with. */
export interface BackendParts {
  health: Health;
  metrics: Metrics;
  logger: Logger;
}

/** What callers are routed to, by the name they know: every server that is no standby, with its protections. */
export function backendsOf(
  _config: GatewayConfig,
  upstreams: ReadonlyMap<string, Backend>,
  _parts: BackendParts,
): ReadonlyMap<string, Backend> {
  return upstreams;
}
