import { readFile } from "node:fs/promises";
import { Gauge, type Registry } from "prom-client";
import { z } from "zod";

const schema = z.object({ passed: z.boolean(), finishedAt: z.iso.datetime({ offset: true }) });

/** The last smoke test's verdict as metrics. */
export class SmokeMetrics {
  readonly #passed: Gauge;
  readonly #time: Gauge;

  constructor(registry: Registry) {
    const registers = [registry];
    this.#passed = new Gauge({
      name: "mcp_smoke_test_passed",
      help: "1 when the last smoke test passed, 0 when it failed; absent when none has run",
      registers,
    });
    this.#time = new Gauge({
      name: "mcp_smoke_test_timestamp_seconds",
      help: "When the last smoke test finished, in seconds since 1970",
      registers,
    });
  }

  /**
   * Reads the report anew: a missing one means that no test has run yet; a damaged one gives no metric, so that an alert on
   * its absence can fire, and is reported.
   */
  async read(file: string | undefined, onDamage: () => void): Promise<void> {
    const report = file === undefined ? undefined : await readReport(file, onDamage);
    this.#passed.remove();
    this.#time.remove();
    if (!report) return;
    this.#passed.set(report.passed ? 1 : 0);
    this.#time.set(Date.parse(report.finishedAt) / 1000);
  }
}

async function readReport(file: string, onDamage: () => void) {
  let text: string;
  try {
    text = await readFile(file, "utf8");
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "ENOENT") onDamage();
    return undefined;
  }
  try {
    return schema.parse(JSON.parse(text));
  } catch {
    onDamage();
    return undefined;
  }
}
