import { type ChildProcessWithoutNullStreams, spawn } from "node:child_process";
import {
  CLIENT_INFO,
  describe,
  encode,
  enveloped,
  unpack,
  withCallersToken,
  withOwnToken,
} from "../protocol/codec.ts";
import type { Negotiated } from "../protocol/endpoint.ts";
import {
  CODE,
  isObject,
  type JsonObject,
  LEGACY_VERSIONS,
  META,
  MODERN_VERSION,
  metaOf,
  RpcError,
  type RpcNotification,
  type RpcRequest,
} from "../protocol/messages.ts";
import { Questions } from "../protocol/questions.ts";
import type { Ask, Client } from "../sessions/client.ts";
import { eachLine } from "./lines.ts";

/** How the server process ended. */
export interface ChildExit {
  code: number | null;
  signal: NodeJS.Signals | null;
  /** The last lines it wrote to standard error. */
  lastLines: readonly string[];
}

/** Options of {@link StdioServer}. */
export interface StdioServerOptions {
  /** Every line that the server writes to standard error, or that is no message on standard output. */
  onLine: (line: string) => void;
  /** Notifications that belong to no request. */
  onNotification: (notification: RpcNotification) => void;
  /** Puts the server's questions to somebody; without it they are declined. */
  ask?: Ask;
}

interface Pending {
  resolve: (result: JsonObject) => void;
  reject: (error: Error) => void;
  /** The caller's own progress token. */
  token: unknown;
  onNotification?: (notification: RpcNotification) => void;
}

/** Most bytes that may wait for a server that does not read its input. */
const MAX_UNREAD_BYTES = 64 * 1024 * 1024;

/** Times that an ending server gets: after its input is closed, and after SIGTERM, in milliseconds. */
const END_MS = { afterEof: 2000, afterTerm: 2000 };

/** One stdio MCP server as a child process, with many callers at once: ids and progress tokens are rewritten. */
export class StdioServer {
  readonly #child: ChildProcessWithoutNullStreams;
  readonly #options: StdioServerOptions;
  readonly #pending = new Map<number, Pending>();
  readonly #lastLines: string[] = [];
  readonly #questions: Questions;
  #lastId = 0;
  #modern = false;
  /** Settles when the process has ended; rejects when it could not be started (`ENOENT`, `EACCES`). */
  readonly exited: Promise<ChildExit>;

  constructor(command: string, args: readonly string[], options: StdioServerOptions) {
    this.#options = options;
    // A process group of its own, so that launchers (npx, uvx, shells) are ended together with their servers.
    this.#child = spawn(command, args, { stdio: "pipe", detached: true });
    eachLine(this.#child.stdout, (line) => this.#onMessage(line));
    eachLine(this.#child.stderr, (line) => this.#onLine(line));
    this.#child.stdin.on("error", () => {}); // a broken pipe: the exit tells the rest
    this.exited = new Promise((resolve, reject) => {
      this.#child.once("error", reject);
      this.#child.once("close", (code, signal) => resolve({ code, signal, lastLines: this.#lastLines }));
    });
    const ended = new AbortController();
    this.#questions = new Questions(options.ask, (answer) => this.#write(encode(answer)), ended.signal);
    const fail = () => {
      ended.abort(new Error("the server process has ended"));
      this.#failAll();
    };
    this.exited.then(fail, fail);
  }

  /**
   * The handshake, once for all callers. `initialize` comes first, since older servers may die of anything else;
   * a server that knows only 2026-07-28 refuses it and is asked by `server/discover`.
   *
   * @param capabilities what the server may ask.
   * @throws RpcError when the server refuses both, or the signal's reason.
   */
  async handshake(signal: AbortSignal, capabilities: JsonObject = {}): Promise<Negotiated> {
    const params = { protocolVersion: LEGACY_VERSIONS[0], capabilities, clientInfo: CLIENT_INFO };
    try {
      const result = await this.request("initialize", params, { signal });
      this.notify("notifications/initialized");
      const version = String(result.protocolVersion);
      return { era: "legacy", version, ...describe(result, result.serverInfo) };
    } catch (error) {
      if (!(error instanceof RpcError) || error.code === CODE.unavailable) throw error;
      this.#modern = true;
      const found = await this.request("server/discover", {}, { signal });
      return { era: "modern", version: MODERN_VERSION, ...describe(found, metaOf(found)?.[META.serverInfo]) };
    }
  }

  /** One request and its raw result. Throws RpcError, or the signal's reason after telling the server. */
  request(
    method: string,
    params: JsonObject | undefined,
    options: {
      signal: AbortSignal;
      onNotification?: (notification: RpcNotification) => void;
      /** The client, which a server of the newer era may ask by its result. */
      client?: Client;
    },
  ): Promise<JsonObject> {
    const id = ++this.#lastId;
    const { params: sent, token } = withOwnToken(params ?? {}, id);
    const { signal, onNotification } = options;
    return new Promise((resolve, reject) => {
      const settle = () => {
        this.#pending.delete(id);
        signal.removeEventListener("abort", onAbort);
      };
      const onAbort = () => {
        settle();
        if (method !== "initialize")
          this.notify("notifications/cancelled", { requestId: id, reason: "cancelled" });
        reject(signal.reason);
      };
      if (signal.aborted) return reject(signal.reason);
      if (this.#child.exitCode !== null || this.#child.signalCode !== null) return reject(ended());
      if (this.#child.stdin.writableLength > MAX_UNREAD_BYTES) return reject(unread());
      // Requests without params stay without, as the caller sent them.
      const body = this.#modern ? enveloped(sent, options.client) : params && sent;
      const message = encode({ jsonrpc: "2.0", id, method, ...(body && { params: body }) });
      signal.addEventListener("abort", onAbort, { once: true });
      this.#pending.set(id, {
        token,
        onNotification,
        resolve: (result) => {
          settle();
          resolve(result);
        },
        reject: (error) => {
          settle();
          reject(error);
        },
      });
      this.#write(message);
    });
  }

  /** One notification to the server. */
  notify(method: string, params?: JsonObject): void {
    this.#write(encode({ jsonrpc: "2.0", method, ...(params && { params }) }));
  }

  /** Ends the server: by the end of its input, as the specification has it, then by SIGTERM, then by SIGKILL. */
  async end(): Promise<void> {
    const exited = this.exited.then(
      () => true,
      () => true,
    );
    const within = (ms: number) =>
      Promise.race([exited, new Promise<false>((done) => setTimeout(done, ms, false))]);
    this.#child.stdin.end();
    if (await within(END_MS.afterEof)) return this.#signal("SIGTERM");
    this.#signal("SIGTERM");
    if (await within(END_MS.afterTerm)) return;
    this.#signal("SIGKILL");
    await exited;
  }

  /** Signals the whole process group; one that is gone already is fine. */
  #signal(signal: NodeJS.Signals): void {
    if (this.#child.pid === undefined) return;
    try {
      process.kill(-this.#child.pid, signal);
    } catch {}
  }

  #write(message: string): void {
    if (this.#child.stdin.writable) this.#child.stdin.write(`${message}\n`);
  }

  #onMessage(line: string): void {
    if (line.trim() === "") return;
    let parsed: unknown;
    try {
      parsed = JSON.parse(line);
    } catch {}
    for (const message of Array.isArray(parsed) ? parsed : [parsed]) {
      if (!isObject(message)) this.#onLine(`(not a message, on standard output) ${line}`);
      else if (typeof message.method !== "string") this.#onResponse(message);
      else if (message.id !== undefined) this.#questions.put(message as unknown as RpcRequest);
      else this.#onNotification(message as unknown as RpcNotification);
    }
  }

  #onResponse(message: JsonObject): void {
    const pending = this.#pending.get(Number(message.id));
    if (!pending) return; // cancelled meanwhile
    try {
      pending.resolve(unpack(message));
    } catch (error) {
      pending.reject(error as Error);
    }
  }

  #onNotification(notification: RpcNotification): void {
    if (this.#questions.cancel(notification)) return;
    if (notification.method !== "notifications/progress") {
      this.#options.onNotification(notification);
      return;
    }
    const id = Number(notification.params?.progressToken);
    const pending = this.#pending.get(id);
    pending?.onNotification?.(withCallersToken(notification, id, pending.token));
  }

  #onLine(line: string): void {
    this.#lastLines.push(line);
    if (this.#lastLines.length > 10) this.#lastLines.shift();
    this.#options.onLine(line);
  }

  #failAll(): void {
    for (const pending of [...this.#pending.values()]) pending.reject(ended());
  }
}

function unread(): RpcError {
  return new RpcError(CODE.unavailable, "The server does not read what it is sent");
}

function ended(): RpcError {
  return new RpcError(CODE.unavailable, "The server process has ended");
}
