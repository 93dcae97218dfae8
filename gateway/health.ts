import { allItems } from "./catalogue.ts";
import type { GatewayConfig } from "./config.ts";
import type { Upstream } from "./upstream.ts";

/** What is known of one backend. */
export interface BackendHealth {
  status: "up" | "down";
  /** Why it is down, or what is wrong with it although it is up. */
  reason?: string;
  /** How many tools it listed. */
  tools?: number;
  /** When it was last asked, as an ISO time. */
  checkedAt: string;
}

/** The answer of `GET /health`. */
export interface HealthReport {
  /** `ok`: all is well; `degraded`: something is wrong, and something works; `down`: no server works. */
  status: "ok" | "degraded" | "down";
  servers: Record<string, BackendHealth>;
}

/** Options of {@link Health}. */
export interface HealthOptions {
  /** Time between two checks of a server that works, in milliseconds. */
  intervalMs?: number;
  /** Time between two checks of a server that is down, in milliseconds. */
  retryMs?: number;
  /** Longest time for one check, in milliseconds. */
  deadlineMs?: number;
  /** Called after every check. */
  onChecked?: (server: string, health: BackendHealth, changed: boolean) => void;
}

/**
 * The truth about each backend, found by asking it in MCP what it is there for: its tools. (A connection or a GET
 * would find a port open in front of a dead server.) Every server is asked at start, then at an interval that is
 * shorter while it is down, and at once when a call to it failed.
 */
export class Health {
  readonly #upstreams: ReadonlyMap<string, Upstream>;
  readonly #expected: ReadonlyMap<string, ReadonlySet<string>>;
  readonly #options: Required<HealthOptions>;
  readonly #found = new Map<string, BackendHealth>();
  readonly #tools = new Map<string, ReadonlySet<string>>();
  readonly #running = new Map<string, Promise<void>>();
  #timer: NodeJS.Timeout | undefined;

  constructor(config: GatewayConfig, upstreams: ReadonlyMap<string, Upstream>, options: HealthOptions = {}) {
    this.#upstreams = upstreams;
    this.#options = { intervalMs: 10_000, retryMs: 1000, deadlineMs: 3000, onChecked: () => {}, ...options };
    this.#expected = expectedTools(config);
  }

  /** Begins the checks. */
  start(): void {
    const { intervalMs, retryMs } = this.#options;
    const round = (due: (name: string) => boolean) => {
      for (const name of this.#upstreams.keys()) if (due(name)) void this.check(name);
    };
    const age = (name: string) => Date.now() - Date.parse(this.#found.get(name)?.checkedAt ?? "");
    round(() => true);
    this.#timer = setInterval(
      () => round((name) => !this.isUp(name) || age(name) >= intervalMs),
      Math.min(retryMs, intervalMs),
    );
  }

  /** Ends the checks. */
  stop(): void {
    clearInterval(this.#timer);
  }

  /** Asks one server now; while a question is open, no second one is put. */
  check(name: string): Promise<void> {
    const running = this.#running.get(name);
    if (running) return running;
    const started = this.#check(name).finally(() => this.#running.delete(name));
    this.#running.set(name, started);
    return started;
  }

  /** Whether the server worked when it was last asked; true before the first answer. */
  isUp(name: string): boolean {
    return this.#found.get(name)?.status !== "down";
  }

  /** Whether the server is known to have this tool, so that its name may be a metric's label. */
  knowsTool(name: string, tool: string): boolean {
    return this.#tools.get(name)?.has(tool) ?? false;
  }

  /** What is known of all servers; waits for the first check of each. */
  async report(): Promise<HealthReport> {
    const unknown = [...this.#upstreams.keys()].filter((name) => !this.#found.has(name));
    await Promise.all(unknown.map((name) => this.check(name)));
    const servers = Object.fromEntries(
      [...this.#upstreams.keys()].map((name) => [name, this.#found.get(name)]),
    );
    const all = Object.values(servers) as BackendHealth[];
    const anyUp = all.length === 0 || all.some(({ status }) => status === "up");
    const flawless = all.every(({ status, reason }) => status === "up" && reason === undefined);
    return {
      status: flawless ? "ok" : anyUp ? "degraded" : "down",
      servers: servers as HealthReport["servers"],
    };
  }

  async #check(name: string): Promise<void> {
    const upstream = this.#upstreams.get(name);
    if (!upstream) return;
    const timeoutMs = this.#options.deadlineMs;
    const checkedAt = new Date().toISOString();
    let health: BackendHealth;
    try {
      const { capabilities, era } = await upstream.describe({ timeoutMs });
      if (capabilities.tools) {
        const tools = await allItems(upstream, "tools/list", { timeoutMs });
        const names = new Set(tools.map((tool) => String(tool.name)));
        this.#tools.set(name, names);
        health = { status: "up", tools: names.size, checkedAt };
      } else {
        await upstream.request(era === "modern" ? "server/discover" : "ping", {}, { timeoutMs });
        health = { status: "up", tools: 0, checkedAt };
      }
      const missing = [...(this.#expected.get(name) ?? [])].filter((tool) => !this.knowsTool(name, tool));
      if (missing.length > 0) health.reason = `missing tools: ${missing.join(", ")}`;
    } catch (error) {
      // Messages of our own only: what a server says in an error may hold anything.
      const known = error instanceof Error && error.name === "UpstreamError";
      health = {
        status: "down",
        reason: known ? error.message : "answers tools/list with an error",
        checkedAt,
      };
    }
    const before = this.#found.get(name);
    this.#found.set(name, health);
    this.#options.onChecked(
      name,
      health,
      before?.status !== health.status || before.reason !== health.reason,
    );
  }
}

/** By server, the tools that the configuration counts on: those it exposes, and those granted by name. */
function expectedTools(config: GatewayConfig): Map<string, ReadonlySet<string>> {
  const expected = new Map<string, Set<string>>();
  for (const server of config.servers) expected.set(server.name, new Set(server.tools));
  for (const { server, name } of config.consumers.flatMap((consumer) => consumer.tools)) {
    if (name !== "*") expected.get(server)?.add(name);
  }
  return expected;
}
