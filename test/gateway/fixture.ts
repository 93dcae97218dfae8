import { type ChildProcess, spawn } from "node:child_process";
import { createHash } from "node:crypto";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { Client, StreamableHTTPClientTransport } from "@modelcontextprotocol/client";
import { Client as OlderClient } from "@modelcontextprotocol/sdk/client/index.js";
import { StreamableHTTPClientTransport as OlderTransport } from "@modelcontextprotocol/sdk/client/streamableHttp.js";
import type { z } from "zod";
import type { gatewayConfigSchema } from "../../gateway/config.ts";

/** What a configuration file may leave out. */
export type Config = z.input<typeof gatewayConfigSchema>;
type Consumer = Config["consumers"][number];

const here = dirname(fileURLToPath(import.meta.url));
const main = join(here, "../../gateway/main.ts");

/** The command of the gateway program in one of its modes. */
export const program = (...args: string[]) => [process.execPath, main, ...args];

/** The command of the server that speaks without an SDK; see raw-server.ts for its modes. */
export const rawServer = (mode: string, ...rest: string[]) => [
  process.execPath,
  join(here, "raw-server.ts"),
  mode,
  ...rest,
];

/** The command of one of the official reference servers on npm. */
export function npmServer(name: "everything" | "memory" | "filesystem", ...args: string[]): string[] {
  const root = dirname(
    createRequire(import.meta.url).resolve(`@modelcontextprotocol/server-${name}/package.json`),
  );
  return [process.execPath, join(root, "dist/index.js"), ...args];
}

/** A running program with all that it has written. */
export interface Program {
  pid: number;
  stdout: () => string;
  stderr: () => string;
  /** The first line of standard output that is JSON and has this `msg`. */
  logged(msg: string): Promise<Record<string, unknown>>;
  signal(signal: NodeJS.Signals): void;
  /** The exit code, or the signal's name. */
  exit: Promise<number | string>;
}

/** Tests wait for things to become so, and fail with the last reason when they don't. */
export async function until<T>(ask: () => T | Promise<T>, deadlineMs = 8000): Promise<NonNullable<T>> {
  const deadline = Date.now() + deadlineMs;
  let last: unknown = "it never became true";
  while (Date.now() < deadline) {
    try {
      const found = await ask();
      if (found) return found;
    } catch (error) {
      last = error;
    }
    await new Promise((done) => setTimeout(done, 20));
  }
  throw last instanceof Error ? last : new Error(String(last));
}

/** One test file's programs, clients and files; `close` ends and removes them all. */
export class Fixture {
  readonly directory = mkdtempSync(join(tmpdir(), "mcp-gw-"));
  readonly #children = new Set<ChildProcess>();
  readonly #clients = new Set<{ close(): Promise<void> }>();
  #files = 0;

  /** Starts any program. */
  run([command = "", ...args]: readonly string[], env: NodeJS.ProcessEnv = {}): Program {
    const child = spawn(command, args, {
      env: { ...process.env, ...env },
      stdio: ["ignore", "pipe", "pipe"],
    });
    this.#children.add(child);
    let stdout = "";
    let stderr = "";
    child.stdout.setEncoding("utf8").on("data", (text) => {
      stdout += text;
    });
    child.stderr.setEncoding("utf8").on("data", (text) => {
      stderr += text;
    });
    const exit = new Promise<number | string>((resolve) => {
      child.once("close", (code, signal) => {
        this.#children.delete(child);
        resolve(code ?? signal ?? "unknown");
      });
    });
    return {
      pid: child.pid ?? 0,
      stdout: () => stdout,
      stderr: () => stderr,
      logged: (msg) =>
        until(() => {
          if (child.exitCode !== null) throw new Error(`ended with ${child.exitCode}: ${stderr || stdout}`);
          return jsonLines(stdout).find((line) => line.msg === msg);
        }),
      signal: (signal) => void child.kill(signal),
      exit,
    };
  }

  /** Starts the gateway program with a configuration and waits until it listens. */
  async gateway(
    config: Partial<Config>,
    env: NodeJS.ProcessEnv = {},
    options: string[] = [],
  ): Promise<Program & { origin: string }> {
    const file = this.file(gatewayConfig(config));
    const gateway = this.run(program("serve", "--config", file, ...options), env);
    const { port } = await gateway.logged("listening");
    return { ...gateway, origin: `http://127.0.0.1:${port}` };
  }

  /** Starts the gateway program on a configuration file. */
  gatewayOn(file: string): Program {
    return this.run(program("serve", "--config", file));
  }

  /** Starts a bridge on a Unix socket. */
  bridge(name: string, command: readonly string[], options: string[] = [], env: NodeJS.ProcessEnv = {}) {
    const socket = join(this.directory, `${name}.sock`);
    const args = ["--name", name, "--socket", socket, ...options, "--", ...command];
    return { ...this.run(program("bridge", ...args), env), socket };
  }

  /** A file with JSON or text in it. */
  file(content: unknown, name = `file-${this.#files++}.json`): string {
    const path = join(this.directory, name);
    writeFileSync(path, typeof content === "string" ? content : JSON.stringify(content));
    return path;
  }

  /** A client of 2026-07-28, and no other revision. */
  async modern(origin: string, token?: string): Promise<Client> {
    const client = new Client(
      { name: "new", version: "1" },
      { versionNegotiation: { mode: { pin: "2026-07-28" } } },
    );
    await client.connect(new StreamableHTTPClientTransport(new URL(`${origin}/mcp`), headers(token)));
    this.#clients.add(client);
    return client;
  }

  /** A client of the older era, by the SDK that most clients use. */
  async older(origin: string, token?: string): Promise<OlderClient> {
    const client = new OlderClient({ name: "old", version: "1" });
    await client.connect(new OlderTransport(new URL(`${origin}/mcp`), headers(token)));
    this.#clients.add(client);
    return client;
  }

  async close(): Promise<void> {
    await Promise.all([...this.#clients].map((client) => client.close().catch(() => {})));
    await Promise.all(
      [...this.#children].map((child) => {
        child.kill("SIGKILL");
        return new Promise((done) => child.once("close", done));
      }),
    );
    rmSync(this.directory, { recursive: true, force: true });
  }
}

const headers = (token?: string) => ({
  requestInit: { headers: token ? { authorization: `Bearer ${token}` } : {} },
});

/** The whole configuration, from the parts that a test is about. */
export function gatewayConfig(config: Partial<Config>): Config {
  return {
    name: "edge",
    listen: { host: "127.0.0.1", port: 0 },
    auth: "tokens",
    allowedHosts: ["127.0.0.1"],
    allowedOrigins: ["console.example.com"],
    servers: [],
    consumers: [],
    ...config,
  };
}

/** A consumer whose token is `${name}-token`. */
export function consumer(name: string, grants: Partial<Consumer>): Consumer {
  const tokenSha256 = createHash("sha256").update(`${name}-token`).digest("hex");
  return { name, tokenSha256, tools: [], prompts: [], resources: [], ...grants };
}

/** All of a server's tools, or those named. */
export const tools = (server: string, ...names: string[]) =>
  (names.length > 0 ? names : ["*"]).map((name) => ({ server, name }));

/** A bare POST to the endpoint, with what an older client would send, changed by the test. */
export function post(origin: string, body: unknown, headers: Record<string, string> = {}, path = "/mcp") {
  return fetch(`${origin}${path}`, {
    method: "POST",
    headers: {
      "content-type": "application/json",
      accept: "application/json, text/event-stream",
      ...headers,
    },
    body: typeof body === "string" ? body : JSON.stringify(body),
  });
}

/** A JSON-RPC answer, as far as tests look into it. */
export interface RpcAnswer {
  id: unknown;
  result?: Record<string, unknown> & { content?: { text?: string }[] };
  error?: { code: number; message: string };
}

/** The JSON-RPC answer in an HTTP response. */
export const rpc = async (response: Response | Promise<Response>) =>
  (await (await response).json()) as RpcAnswer;

/** The `tools/call` message. */
export const callMessage = (name: string, args: unknown = {}, id: string | number = 1) => ({
  jsonrpc: "2.0",
  id,
  method: "tools/call",
  params: { name, arguments: args },
});

/** The lines of a text that are JSON objects. */
export function jsonLines(text: string): Record<string, unknown>[] {
  return text.split("\n").flatMap((line) => {
    try {
      return line.startsWith("{") ? [JSON.parse(line)] : [];
    } catch {
      return [];
    }
  });
}

/** Whether a process runs. One that has ended and waits to be reaped (a zombie) does not. */
export function alive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return !/^State:\s+Z/m.test(readFileSync(`/proc/${pid}/status`, "utf8"));
  } catch (error) {
    // Without /proc (macOS) the signal has to do.
    return (error as NodeJS.ErrnoException).syscall === "open" && process.platform !== "linux";
  }
}
