/** The levels of log messages, the least severe first (MCP, "Log Levels", after RFC 5424). */
export const LOG_LEVELS: readonly unknown[] = [
  "debug",
  "info",
  "notice",
  "warning",
  "error",
  "critical",
  "alert",
  "emergency",
];

/** Whether a message of this level is for somebody who wants those from `least` up. */
export function isSevereEnough(level: unknown, least: string): boolean {
  return LOG_LEVELS.indexOf(level) >= LOG_LEVELS.indexOf(least);
}
