import { z } from "zod";

const millisecondsPerUnit = { ms: 1, s: 1_000, m: 60_000, h: 3_600_000 } as const;
const pattern = /^(\d{1,6})(ms|s|m|h)$/;

/**
 * A length of time as people write it: a whole number and a unit of `ms`, `s`, `m` or `h`, such as
 * `"800ms"` or `"10s"`. Zero and anything over a day is refused: no timeout of an MCP call means that.
 */
export type Duration = `${number}${"ms" | "s" | "m" | "h"}`;

/** Milliseconds of a valid {@link Duration}; `undefined` for anything else. */
export function milliseconds(duration: string): number | undefined {
  const [, amount, unit] = pattern.exec(duration) ?? [];
  if (amount === undefined || unit === undefined) return undefined;
  return Number(amount) * millisecondsPerUnit[unit as keyof typeof millisecondsPerUnit];
}

const dayInMilliseconds = 86_400_000;

/** Reads a {@link Duration} into milliseconds. */
export const durationSchema = z
  .string({ error: 'is no duration; write one like "800ms", "10s" or "2m"' })
  .transform((text, context) => {
    const value = milliseconds(text);
    if (value === undefined) {
      context.addIssue({
        code: "custom",
        message: `"${text}" is not a duration; write a whole number and a unit, such as "800ms", "10s" or "2m"`,
      });
      return z.NEVER;
    }
    if (value < 1 || value > dayInMilliseconds) {
      context.addIssue({
        code: "custom",
        message: `"${text}" is out of range; durations go from 1ms to 24h`,
      });
      return z.NEVER;
    }
    return value;
  });

/** A duration that was read already: milliseconds. */
export const resolvedDurationSchema = z.int().positive();
