import type { Backend } from "./backends/backend.ts";
import { saysRepeatable } from "./backends/repeatable.ts";
import { allItems } from "./catalogue.ts";
import type { GatewayConfig } from "./config.ts";
import type { JsonObject } from "./protocol/messages.ts";

/** What is known of one backend. */
export interface BackendHealth {
  status: "up" | "down";
  /** Why it is down, or what is wrong with it although it is up. */
  reason?: string;
  /** How many tools it listed. */
  tools?: number;
  /** When it was last asked, as an ISO time. */
  checkedAt: string;
  /** State of its circuit breaker while that is not closed. */
  breaker?: "trying" | "open";
}

/** What is known of one failover group. */
export interface GroupHealth {
  mode: "standby" | "balanced";
  /** The member that the next call would go to; absent when there is none to call. */
  serving?: string;
  up: string[];
  down: string[];
}

/** The answer of `GET /health`. */
export interface HealthReport {
  /** `ok`: all is well; `degraded`: something is wrong, and something works; `down`: no server works. */
  status: "ok" | "degraded" | "down";
  servers: Record<string, BackendHealth>;
  /** By the name that callers know; absent without failover groups. */
  groups?: Record<string, GroupHealth>;
}

/** What those who call the servers know of them, and want to know. */
export interface Traffic {
  /** Whether calls are with the server and nothing has come back for a while. */
  isSilent(server: string): boolean;
  /** State of the server's circuit breaker, when it has one. */
  breaker(server: string): "closed" | "trying" | "open" | undefined;
  /** The member of a group that the next call would go to. */
  serving(group: string): string | undefined;
  /** Told of every check. */
  checked(server: string, isUp: boolean, changed: boolean): void;
}

const NO_TRAFFIC: Traffic = {
  isSilent: () => false,
  breaker: () => undefined,
  serving: () => undefined,
  checked: () => {},
};

const NOT_TOLD = { onListed: () => undefined, onChecked: () => {} };

/** Options of {@link Health}. */
export interface HealthOptions {
  /** Time between two checks of a server that works, in milliseconds. */
  intervalMs?: number;
  /** Time between two checks of a server that is down, or keeps silent under calls, in milliseconds. */
  retryMs?: number;
  /** Longest time for one check, in milliseconds. */
  deadlineMs?: number;
  /** Told of the tools that a server lists; says what is wrong with them. */
  onListed?: (server: string, tools: readonly JsonObject[]) => string | undefined;
  /** Called after every check. */
  onChecked?: (server: string, health: BackendHealth, changed: boolean) => void;
}

/**
 * The truth about each backend, found by asking it in MCP what it is there for: its tools. (A connection or a GET
 * would find a port open in front of a dead server.) Every server is asked at start, then at an interval that is
 * shorter while it is down or does not answer its calls, and at once when a call to it failed.
 */
export class Health {
  readonly #config: GatewayConfig;
  readonly #upstreams: ReadonlyMap<string, Backend>;
  readonly #members: ReadonlyMap<string, readonly string[]>;
  readonly #deadlines: ReadonlyMap<string, number>;
  readonly #expected: ReadonlyMap<string, ReadonlySet<string>>;
  readonly #options: Required<HealthOptions>;
  readonly #found = new Map<string, BackendHealth>();
  /** By a clock that nobody sets. */
  readonly #askedAt = new Map<string, number>();
  readonly #tools = new Map<string, ReadonlyMap<string, boolean>>();
  readonly #running = new Map<string, Promise<void>>();
  #traffic = NO_TRAFFIC;
  #timer: NodeJS.Timeout | undefined;

  constructor(config: GatewayConfig, upstreams: ReadonlyMap<string, Backend>, options: HealthOptions = {}) {
    this.#config = config;
    this.#upstreams = upstreams;
    this.#options = { intervalMs: 10_000, retryMs: 1000, deadlineMs: 3000, ...NOT_TOLD, ...options };
    this.#members = new Map(config.failover.map(({ primary, standby }) => [primary, [primary, ...standby]]));
    this.#deadlines = new Map(
      config.servers.map(({ name, timeoutMs }) => [name, Math.min(timeoutMs, this.#options.deadlineMs)]),
    );
    this.#expected = expectedTools(config, this.#members);
  }

  /** Whom to ask about calls and to tell about checks. */
  attach(traffic: Traffic): void {
    this.#traffic = traffic;
  }

  /** Begins the checks. */
  start(): void {
    const { intervalMs, retryMs } = this.#options;
    const round = (due: (name: string) => boolean) => {
      for (const name of this.#upstreams.keys()) if (due(name)) void this.check(name);
    };
    const isDue = (name: string) => {
      const age = performance.now() - (this.#askedAt.get(name) ?? Number.NEGATIVE_INFINITY);
      return age >= (this.isUp(name) && !this.#traffic.isSilent(name) ? intervalMs : retryMs);
    };
    round(() => true);
    this.#timer = setInterval(() => round(isDue), Math.min(retryMs, intervalMs) / 2);
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

  /** Whether anything works of what callers know by this name: the server, or a member of its group. */
  anyUp(name: string): boolean {
    return this.#membersOf(name).some((member) => this.isUp(member));
  }

  /** Whether the server, or its group, lists or should have this tool, so that its name may be a metric's label. */
  knowsTool(name: string, tool: string): boolean {
    const isKnown = (member: string) =>
      this.#tools.get(member)?.has(tool) || this.#expected.get(member)?.has(tool);
    return this.#membersOf(name).some(isKnown);
  }

  /** Whether the server says that a call of this tool may be repeated; `undefined` before it was heard of. */
  repeatable(name: string, tool: string): boolean | undefined {
    return this.#tools.get(name)?.get(tool);
  }

  /** What is known of all servers; waits for the first check of each. */
  async report(): Promise<HealthReport> {
    const unknown = [...this.#upstreams.keys()].filter((name) => !this.#found.has(name));
    await Promise.all(unknown.map((name) => this.check(name)));
    const servers = Object.fromEntries(
      [...this.#found].map(([name, found]) => [name, this.#asCalled(name, found)]),
    );
    const all = Object.values(servers);
    const anyUp = all.length === 0 || all.some(({ status }) => status === "up");
    const flawless = all.every(({ status, reason }) => status === "up" && reason === undefined);
    return {
      status: flawless ? "ok" : anyUp ? "degraded" : "down",
      servers,
      ...(this.#members.size > 0 && { groups: this.#groups() }),
    };
  }

  #membersOf(name: string): readonly string[] {
    return this.#members.get(name) ?? [name];
  }

  /** A server may list its tools and fail at every call. */
  #asCalled(name: string, found: BackendHealth): BackendHealth {
    const breaker = this.#traffic.breaker(name);
    if (breaker === undefined || breaker === "closed") return found;
    return { ...found, breaker, reason: found.reason ?? "its last calls failed (circuit breaker)" };
  }

  #groups(): Record<string, GroupHealth> {
    return Object.fromEntries(
      this.#config.failover.map(({ primary, standby, mode }) => {
        const members = [primary, ...standby];
        const up = members.filter((name) => this.isUp(name));
        const down = members.filter((name) => !this.isUp(name));
        return [primary, { mode, serving: this.#traffic.serving(primary), up, down }];
      }),
    );
  }

  async #check(name: string): Promise<void> {
    const upstream = this.#upstreams.get(name);
    if (!upstream) return;
    const timeoutMs = this.#deadlines.get(name) ?? this.#options.deadlineMs;
    const checkedAt = new Date().toISOString();
    this.#askedAt.set(name, performance.now());
    let health: BackendHealth;
    let wrong: string | undefined;
    try {
      const { capabilities, era } = await upstream.describe({ timeoutMs });
      if (capabilities.tools) {
        const tools = await allItems(upstream, "tools/list", { timeoutMs });
        const known = new Map(tools.map((tool) => [String(tool.name), saysRepeatable(tool)]));
        this.#tools.set(name, known);
        wrong = this.#options.onListed(name, tools);
        health = { status: "up", tools: known.size, checkedAt };
      } else {
        await upstream.request(era === "modern" ? "server/discover" : "ping", {}, { timeoutMs });
        health = { status: "up", tools: 0, checkedAt };
      }
      const missing = [...(this.#expected.get(name) ?? [])].filter(
        (tool) => !this.#tools.get(name)?.has(tool),
      );
      const reasons = [missing.length > 0 && `missing tools: ${missing.join(", ")}`, wrong].filter(Boolean);
      if (reasons.length > 0) health.reason = reasons.join("; ");
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
    this.#traffic.checked(
      name,
      health.status === "up",
      before !== undefined && before.status !== health.status,
    );
    this.#options.onChecked(
      name,
      health,
      before?.status !== health.status || before.reason !== health.reason,
    );
  }
}

/** By server, the tools that the configuration counts on: those it exposes, and those granted by name. */
function expectedTools(
  config: GatewayConfig,
  members: ReadonlyMap<string, readonly string[]>,
): Map<string, ReadonlySet<string>> {
  const expected = new Map<string, Set<string>>();
  for (const server of config.servers) {
    // What is shown to somebody alone, nobody can miss without being that somebody.
    const kind = server.credentials?.kind ?? "client_credentials";
    if (kind === "client_credentials") expected.set(server.name, new Set(server.tools));
  }
  for (const { server, name } of config.consumers.flatMap((consumer) => consumer.tools)) {
    if (name === "*") continue;
    for (const member of members.get(server) ?? [server]) expected.get(member)?.add(name);
  }
  return expected;
}
