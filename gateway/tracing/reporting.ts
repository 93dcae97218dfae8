import type { SpanExporter } from "@opentelemetry/sdk-trace-base";
import type { Logger } from "../logging.ts";

/**
 * An exporter that says once when traces can't be delivered, and once when they can again: OpenTelemetry itself keeps silent.
 * The error is left out, since it quotes what the collector answers.
 */
export function reporting(exporter: SpanExporter, logger: Pick<Logger, "warn" | "info">): SpanExporter {
  let failing = false;
  return {
    export(spans, done) {
      exporter.export(spans, (result) => {
        const failed = result.code !== 0;
        if (failed && !failing) {
          logger.warn("traces can't be delivered; those that find no room in the queue are dropped");
        }
        if (!failed && failing) logger.info("traces are delivered again");
        failing = failed;
        done(result);
      });
    },
    shutdown: () => exporter.shutdown(),
    forceFlush: async () => exporter.forceFlush?.(),
  };
}
