import type { GatewayConfig } from "../config.ts";
import type { Logger } from "../logging.ts";
import type { Recorder } from "./service.ts";

/** A recorder of traces. What it needs is loaded only now: who records none pays nothing for it. */
export async function tracing(
  gateway: string,
  settings: NonNullable<GatewayConfig["tracing"]>,
  logger: Logger,
): Promise<Recorder> {
  const { OpenTelemetry } = await import("./open-telemetry.ts");
  return new OpenTelemetry(gateway, settings, logger);
}
