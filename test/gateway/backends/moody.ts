import { readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import type { HealthReport } from "../../../gateway/health.ts";
import {
  type Config,
  callMessage,
  consumer,
  type Fixture,
  jsonLines,
  type Program,
  post,
  rpc,
  tools,
  until,
} from "../fixture.ts";

/** How a server is: what its answers are like, perhaps only those to one method, or only the next few. */
export type Mood = (
  | { kind: "well" }
  | { kind: "slow"; ms: number }
  | { kind: "status"; status: number; headers?: Record<string, string> }
  | { kind: "garbage" }
  | { kind: "half" }
  | { kind: "other id" }
) & { only?: string; times?: number };

/** One server program that has its moods; see moody-server.ts. */
export interface Moody extends Program {
  name: string;
  port: number;
  set(mood: Mood): Promise<void>;
}

type Server = Config["servers"][number];

const program = join(dirname(fileURLToPath(import.meta.url)), "moody-server.ts");

/** Servers that share one log of what they carried out, and a gateway in front of them. */
export class Farm {
  readonly #fixture: Fixture;
  readonly #log: string;

  constructor(fixture: Fixture) {
    this.#fixture = fixture;
    this.#log = fixture.file("");
  }

  /** Starts a server; on the port of an earlier one it takes its place. */
  async server(name: string, port = 0): Promise<Moody> {
    const server = this.#fixture.run([process.execPath, program, name, this.#log, String(port)]);
    const listening = await server.logged("listening");
    const origin = `http://127.0.0.1:${listening.port}`;
    const set = async (mood: Mood) => {
      await fetch(`${origin}/mood`, { method: "PUT", body: JSON.stringify(mood) });
    };
    return { ...server, name, port: Number(listening.port), set };
  }

  /** A gateway in front of servers, each with what a test says of it; the first one is known to callers. */
  async gateway(
    servers: readonly Moody[],
    settings: Partial<Server> = {},
    failover?: "standby" | "balanced",
  ): Promise<Front> {
    const [first, ...others] = servers.map(({ name }) => name);
    const program = await this.#fixture.gateway({
      servers: servers.map(({ name, port }) => ({
        name,
        url: `http://127.0.0.1:${port}/mcp`,
        timeoutMs: 3000,
        ...settings,
      })),
      failover: failover && first ? [{ primary: first, standby: others, mode: failover }] : [],
      consumers: [consumer("agent", { tools: servers.flatMap(({ name }) => tools(name)) })],
    });
    const front = new Front(program);
    await front.health(); // which waits for the first check, so that the tools' annotations are known
    return front;
  }

  /** The calls that were carried out, by any server. */
  carriedOut(): { server: string; tool: string; id: string }[] {
    return jsonLines(readFileSync(this.#log, "utf8")) as never;
  }

  /** The servers that carried out the call with this id. */
  serversOf(id: string): string[] {
    return this.carriedOut()
      .filter((call) => call.id === id)
      .map(({ server }) => server);
  }
}

/** What one call came to. */
export interface Outcome {
  /** The server that answered. */
  by?: string;
  isError?: boolean;
  error?: { code: number; message: string; data?: { outcome: string; sent: boolean } };
  ms: number;
}

/** A gateway, as its callers and its operators see it. */
export class Front {
  readonly program: Program & { origin: string };

  constructor(program: Program & { origin: string }) {
    this.program = program;
  }

  /** One call. */
  async call(tool: string, args: Record<string, unknown> = {}): Promise<Outcome> {
    const started = performance.now();
    const headers = { authorization: "Bearer agent-token" };
    const { result, error } = await rpc(post(this.program.origin, callMessage(tool, args), headers));
    const ms = performance.now() - started;
    return { by: result?.content?.[0]?.text, isError: result?.isError === true, error, ms };
  }

  async health(): Promise<HealthReport> {
    return (await (await fetch(`${this.program.origin}/health`)).json()) as HealthReport;
  }

  /** Waits until the health says this of a server. */
  until(server: string, status: "up" | "down", deadlineMs?: number): Promise<HealthReport> {
    return until(async () => {
      const report = await this.health();
      return report.servers[server]?.status === status ? report : undefined;
    }, deadlineMs);
  }

  async metrics(): Promise<string> {
    return (await fetch(`${this.program.origin}/metrics`)).text();
  }

  logged(msg: string): Record<string, unknown>[] {
    return jsonLines(this.program.stdout()).filter((line) => line.msg === msg);
  }
}
