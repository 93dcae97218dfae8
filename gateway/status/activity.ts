import { NOT_SENT, type Outcome } from "../audit.ts";

/** One tool call, as far as the status page is concerned. `server` and `tool` must be bounded names. */
export interface Call {
  server: string;
  tool: string;
  consumer: string;
  outcome: Outcome;
  durationMs: number;
  requestId: string;
}

/** A call that went wrong. */
export interface RecentError extends Call {
  /** When, in milliseconds since 1970. */
  at: number;
}

/** What is known of the calls of one tool. */
export interface ToolActivity {
  server: string;
  tool: string;
  calls: number;
  /** Of the last calls, in milliseconds. */
  p50: number;
  p95: number;
}

/** Lengths of time and numbers that are kept: so the memory is bounded, and small. */
const KEPT = { seconds: 300, durations: 128, errors: 50 } as const;

/** Bad outcomes that people want to see one by one; who was denied or limited is in the audit log. */
const ERRORS: ReadonlySet<Outcome> = new Set([
  "tool_error",
  "protocol_error",
  "timeout",
  "unavailable",
  "rejected",
  "unpinned",
  "unauthorized",
]);

/** How many calls there were in each of the last seconds. A write is two array accesses. */
class PerSecond {
  readonly #counts = new Uint32Array(KEPT.seconds);
  #last = 0;

  add(second: number): void {
    this.#advance(second);
    const at = second % KEPT.seconds;
    this.#counts[at] = (this.#counts[at] ?? 0) + 1;
  }

  /** The numbers of the seconds before this one, oldest first; this one is not over. */
  before(second: number): number[] {
    this.#advance(second);
    return Array.from(
      { length: KEPT.seconds - 1 },
      (_, index) => this.#counts[(second + 1 + index) % KEPT.seconds] ?? 0,
    );
  }

  #advance(second: number): void {
    const from = Math.max(this.#last + 1, second - KEPT.seconds + 1);
    for (let each = from; each <= second; each++) this.#counts[each % KEPT.seconds] = 0;
    this.#last = Math.max(this.#last, second);
  }
}

/** Calls, and those of them that went wrong. */
class Rates {
  readonly all = new PerSecond();
  readonly failed = new PerSecond();
}

class Tool {
  readonly server: string;
  readonly tool: string;
  readonly #durations = new Float32Array(KEPT.durations);
  calls = 0;

  constructor(server: string, tool: string) {
    this.server = server;
    this.tool = tool;
  }

  add(durationMs: number): void {
    this.#durations[this.calls++ % KEPT.durations] = durationMs;
  }

  get activity(): ToolActivity {
    const { server, tool, calls } = this;
    const sorted = this.#durations.slice(0, calls).sort();
    const quantile = (share: number) => sorted[Math.ceil(sorted.length * share) - 1] ?? 0;
    return { server, tool, calls, p50: quantile(0.5), p95: quantile(0.95) };
  }
}

/** What has been going on lately, in memory alone: rates, times by tool, the last errors. */
export class Activity {
  readonly #tools = new Map<string, Tool>();
  readonly #servers = new Map<string, Rates>();
  readonly #total = new Rates();
  #errors: RecentError[] = [];

  /** Notes one call that has ended. */
  note(call: Call, now = Date.now()): void {
    const { server, tool, outcome, durationMs } = call;
    const second = Math.floor(now / 1000);
    const rates = of(this.#servers, server, () => new Rates());
    this.#total.all.add(second);
    rates.all.add(second);
    // What was not sent says nothing of the tool's speed.
    if (!NOT_SENT.has(outcome)) {
      of(this.#tools, `${server} ${tool}`, () => new Tool(server, tool)).add(durationMs);
    }
    if (!ERRORS.has(outcome)) return;
    this.#total.failed.add(second);
    rates.failed.add(second);
    this.#errors.push({ ...call, at: now });
    // Now and then rather than each time.
    if (this.#errors.length >= 2 * KEPT.errors) this.#errors = this.#errors.slice(-KEPT.errors);
  }

  /** Calls in each of the last seconds, oldest first, and those of them that went wrong; of one server, or of all. */
  perSecond(server?: string, now = Date.now()): { all: number[]; failed: number[] } {
    const second = Math.floor(now / 1000);
    const rates = server === undefined ? this.#total : this.#servers.get(server);
    return { all: rates?.all.before(second) ?? [], failed: rates?.failed.before(second) ?? [] };
  }

  /** The tools with the longest times, slowest first. */
  slowest(most: number): ToolActivity[] {
    return [...this.#tools.values()]
      .map(({ activity }) => activity)
      .sort((a, b) => b.p95 - a.p95)
      .slice(0, most);
  }

  /** The last errors, newest first. */
  errors(most: number): RecentError[] {
    return this.#errors.slice(-Math.min(most, KEPT.errors)).reverse();
  }
}

function of<Value>(map: Map<string, Value>, key: string, make: () => Value): Value {
  const found = map.get(key);
  if (found) return found;
  const made = make();
  map.set(key, made);
  return made;
}
