import { type DestinationStream, type Logger, pino } from "pino";

/** The gateway's logger. */
export type { Logger };

/**
 * JSON lines on standard output. The code passes no header, argument, result or upstream payload to it; the
 * redaction is the second line of defence.
 */
export function createLogger(
  name: string,
  destination: DestinationStream = pino.destination({ fd: 1, sync: true }),
): Logger {
  return pino(
    {
      base: { gateway: name },
      timestamp: pino.stdTimeFunctions.isoTime,
      formatters: { level: (level) => ({ level }) },
      redact: {
        paths: [
          ...["authorization", "token", "headers", "params", "arguments", "result", "data", "body"].flatMap(
            (name) => [name, `*.${name}`],
          ),
        ],
        censor: "[redacted]",
      },
    },
    destination,
  );
}
