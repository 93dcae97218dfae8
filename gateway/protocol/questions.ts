import type { Ask } from "../sessions/client.ts";
import {
  CODE,
  type JsonObject,
  metaOf,
  RpcError,
  type RpcNotification,
  type RpcRequest,
} from "./messages.ts";

/** Most questions of one server on one stream that may wait for an answer. */
const MAX_OPEN = 32;

/** What a server asks on one stream, from the question to the answer. */
export class Questions {
  readonly #ask: Ask | undefined;
  readonly #reply: (answer: JsonObject) => void;
  readonly #signal: AbortSignal;
  readonly #open = new Map<RpcRequest["id"], AbortController>();

  /**
   * @param ask puts a question to somebody; without it every question is declined.
   * @param reply sends an answer to the server.
   * @param signal the end of the exchange that the stream belongs to, and of its questions with it.
   */
  constructor(ask: Ask | undefined, reply: (answer: JsonObject) => void, signal: AbortSignal) {
    this.#ask = ask;
    this.#reply = reply;
    this.#signal = signal;
  }

  /** Puts a question, and answers the server when there is an answer. */
  put(request: RpcRequest): void {
    void this.#answer(request).then((answer) => {
      if (answer) this.#reply({ jsonrpc: "2.0", id: request.id, ...answer });
    });
  }

  /** Withdraws the question that a notification says is cancelled; whether it said so. */
  cancel({ method, params }: RpcNotification): boolean {
    if (method !== "notifications/cancelled") return false;
    this.#open.get(params?.requestId as RpcRequest["id"])?.abort(new Error("cancelled by the server"));
    return true;
  }

  /** Withdraws all that are open: nobody waits for the answers any more. */
  close(): void {
    for (const withdrawn of this.#open.values()) withdrawn.abort(new Error("the request is over"));
  }

  async #answer({ id, method, params }: RpcRequest): Promise<JsonObject | undefined> {
    if (method === "ping") return { result: {} };
    if (!this.#ask)
      return errorOf(new RpcError(CODE.methodNotFound, "The client declares no such capability"));
    if (this.#open.size >= MAX_OPEN) {
      return errorOf(new RpcError(CODE.unavailable, `More than ${MAX_OPEN} questions are open already`));
    }
    const withdrawn = new AbortController();
    this.#open.set(id, withdrawn);
    try {
      const signal = AbortSignal.any([this.#signal, withdrawn.signal]);
      const question = { method, ...(params && { params: withoutToken(params) }) };
      return { result: await this.#ask(question, signal) };
    } catch (error) {
      if (withdrawn.signal.aborted) return undefined;
      return errorOf(
        error instanceof RpcError ? error : new RpcError(CODE.internal, "The client gave no answer"),
      );
    } finally {
      this.#open.delete(id);
    }
  }
}

/** Progress on the way to an answer is not passed on, so none is asked for. */
function withoutToken(params: JsonObject): JsonObject {
  const meta = metaOf(params);
  if (!meta || !("progressToken" in meta)) return params;
  const { progressToken: _token, ...rest } = meta;
  return { ...params, _meta: rest };
}

function errorOf({ code, message, data }: RpcError): JsonObject {
  return { error: { code, message, ...(data !== undefined && { data }) } };
}
