import { describe, expect, test } from "vitest";
import { durationSchema } from "../../components/model/index.ts";

describe("a duration", () => {
  test.each([
    ["1ms", 1],
    ["800ms", 800],
    ["10s", 10_000],
    ["2m", 120_000],
    ["24h", 86_400_000],
  ])("%s is %d milliseconds", (text, expected) => {
    expect(durationSchema.parse(text)).toBe(expected);
  });

  test.each(["", "10", "10 s", "-5s", "1.5s", "0s", "25h", "1e3ms", "NaNs", "9999999ms", "10S"])(
    "%j is refused",
    (text) => {
      const result = durationSchema.safeParse(text);
      expect(result.success).toBe(false);
      expect(result.error?.issues[0]?.message).toMatch(/is not a duration|is out of range/);
    },
  );
});
