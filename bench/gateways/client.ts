import { Pool } from "undici";
import { CLIENT_INFO, enveloped } from "../../gateway/protocol/codec.ts";
import type { JsonObject } from "../../gateway/protocol/messages.ts";
import { EVENTS, LARGE, type What } from "./what.ts";

/** What is called, and as whom. */
export interface Target {
  endpoint: string;
  token?: string;
  /** How many tools its list must have, where that is measured. */
  listed?: number;
  /** Whether to speak the older era, also where the newer one is spoken. */
  older?: boolean;
}

interface Message {
  id?: unknown;
  result?: { content?: { text?: string }[]; tools?: { name: string }[]; supportedVersions?: string[] };
  error?: { message?: string };
  params?: { progressToken?: unknown };
}

interface Answer {
  id: number;
  type: string;
  text: string;
  session?: string;
}

const MODERN = "2026-07-28";
const LEGACY = "2025-06-18";

/**
 * A client that costs little: it speaks the newest era that its target speaks, keeps its connections, and knows what a
 * right answer is. A target that keeps sessions gets one for all calls.
 */
export class Client {
  readonly #target: Target;
  readonly #url: URL;
  readonly #pool: Pool;
  readonly #names = new Map<string, string>();
  #version = MODERN;
  #session: string | undefined;
  #lastId = 0;

  private constructor(target: Target) {
    this.#target = target;
    this.#url = new URL(target.endpoint);
    this.#pool = new Pool(this.#url.origin, { headersTimeout: 30_000, bodyTimeout: 30_000 });
  }

  /** Connects, and learns by what names the target shows the tools. Throws when it is not ready. */
  static async open(target: Target): Promise<Client> {
    const client = new Client(target);
    try {
      await client.#negotiate();
      const tools = resultIn(await client.#post("tools/list", {})).tools ?? [];
      for (const { name } of tools) client.#names.set(name.replace(/^.*(small|large|streamed)$/, "$1"), name);
      if (target.listed === undefined && !client.#names.has("small"))
        throw new Error("does not list the server's tools");
      return client;
    } catch (error) {
      await client.close();
      throw error;
    }
  }

  /** The protocol revision that is spoken. */
  get version(): string {
    return this.#version;
  }

  /** One call, and how long it took until its last byte was there, in milliseconds. Throws when the answer is wrong. */
  async call(what: What): Promise<number> {
    const progressToken = what === "streamed" ? `progress-${this.#lastId}` : undefined;
    const params = {
      name: this.#names.get(what),
      arguments: { text: "hello" },
      ...(progressToken && { _meta: { progressToken } }),
    };
    const begun = performance.now();
    const answer = await (what === "list" ? this.#post("tools/list", {}) : this.#post("tools/call", params));
    const took = performance.now() - begun;
    this.#judge(what, answer, progressToken);
    return took;
  }

  close(): Promise<void> {
    return this.#pool.destroy();
  }

  #judge(what: What, answer: Answer, progressToken: string | undefined): void {
    const { content, tools } = resultIn(answer);
    if (what === "list") {
      if (tools?.length !== this.#target.listed)
        throw new Error(`lists ${tools?.length} tools instead of ${this.#target.listed}`);
      return;
    }
    const wanted = { small: "hello", large: LARGE, streamed: "done" }[what];
    const said = content?.[0]?.text;
    if (said !== wanted) throw new Error(`says ${JSON.stringify(said?.slice(0, 80))} (${said?.length})`);
    if (progressToken === undefined) return;
    const events = messagesIn(answer).filter(({ params }) => params?.progressToken === progressToken);
    if (events.length !== EVENTS)
      throw new Error(`${events.length} of ${EVENTS} progress notifications came`);
  }

  async #negotiate(): Promise<void> {
    if (!this.#target.older) {
      const discovered = await this.#post("server/discover", {}).then(resultIn, () => undefined);
      if (discovered?.supportedVersions?.includes(MODERN)) return;
    }
    this.#version = LEGACY;
    const params = { protocolVersion: LEGACY, capabilities: {}, clientInfo: CLIENT_INFO };
    const answer = await this.#post("initialize", params);
    resultIn(answer);
    this.#session = answer.session;
    await this.#post("notifications/initialized");
  }

  /** Without params a notification. */
  async #post(method: string, params?: JsonObject): Promise<Answer> {
    const id = ++this.#lastId;
    const modern = this.#version === MODERN;
    const message = params ? { id, params: modern ? enveloped(params) : params } : {};
    const headers: Record<string, string> = {
      "content-type": "application/json",
      accept: "application/json, text/event-stream",
    };
    if (method !== "initialize") headers["mcp-protocol-version"] = this.#version;
    if (modern) headers["mcp-method"] = method;
    if (modern && typeof params?.name === "string") headers["mcp-name"] = params.name;
    if (this.#session) headers["mcp-session-id"] = this.#session;
    if (this.#target.token) headers.authorization = `Bearer ${this.#target.token}`;
    const response = await this.#pool.request({
      method: "POST",
      path: this.#url.pathname,
      headers,
      body: JSON.stringify({ jsonrpc: "2.0", method, ...message }),
    });
    const text = await response.body.text();
    if (response.statusCode > 299) throw new Error(`HTTP ${response.statusCode}: ${text.slice(0, 200)}`);
    const session = response.headers["mcp-session-id"];
    return {
      id,
      text,
      type: String(response.headers["content-type"]),
      ...(typeof session === "string" && { session }),
    };
  }
}

function messagesIn({ type, text }: Answer): Message[] {
  if (!type.startsWith("text/event-stream")) return [JSON.parse(text)];
  const data = text.split(/\r?\n/).flatMap((line) => (/^data: *\{/.test(line) ? [line.slice(5)] : []));
  return data.map((each) => JSON.parse(each));
}

function resultIn(answer: Answer): NonNullable<Message["result"]> {
  const found = messagesIn(answer).find(({ id }) => id === answer.id);
  if (!found?.result) throw new Error(found?.error?.message ?? "no answer to the request");
  return found.result;
}
