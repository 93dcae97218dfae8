import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { setTimeout } from "node:timers/promises";
import { callMessage, type Program, post } from "./fixture.ts";

/** A caller who does nothing wrong, while others do: their trouble must not become this one's. */
export class HealthyCaller {
  readonly #stop = new AbortController();
  #failures: string[] = [];
  #worstMs = 0;
  #calls = 0;

  /** Calls a tool again and again until {@link stop}. */
  async run(origin: string, tool: string, token: string): Promise<void> {
    const { signal } = this.#stop;
    while (!signal.aborted) {
      const started = performance.now();
      try {
        const answer = await post(origin, callMessage(tool), { authorization: `Bearer ${token}` });
        const text = await answer.text();
        if (answer.status !== 200 || !text.includes('"result"')) this.#failures.push(text);
      } catch (error) {
        this.#failures.push(String(error));
      }
      this.#worstMs = Math.max(this.#worstMs, performance.now() - started);
      this.#calls++;
      await setTimeout(20);
    }
  }

  /** What became of the calls since it was last asked. */
  report(): { calls: number; failures: string[]; worstMs: number } {
    const report = { calls: this.#calls, failures: this.#failures, worstMs: this.#worstMs };
    this.#failures = [];
    this.#worstMs = this.#calls = 0;
    return report;
  }

  stop(): void {
    this.#stop.abort();
  }
}

/** Resident memory of a process, in megabytes. */
export function memoryOf({ pid }: Program): number {
  // A small Linux has no `ps`, and a Mac no /proc.
  const kilobytes =
    process.platform === "linux"
      ? /^VmRSS:\s+(\d+)/m.exec(readFileSync(`/proc/${pid}/status`, "utf8"))?.[1]
      : execFileSync("ps", ["-o", "rss=", "-p", String(pid)], { encoding: "utf8" });
  return Number(kilobytes) / 1024;
}
