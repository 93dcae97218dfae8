import { setTimeout } from "node:timers/promises";
import { type HttpResponse, readText } from "./exchange.ts";
import { failureOf, HttpFailure, mediaTypeOf } from "./http-failure.ts";
import { isObject, type JsonObject, type RpcNotification, type RpcRequest } from "./messages.ts";
import { serverSentEvents } from "./sse.ts";

/** Where those messages go that come on a stream and are not the answer. */
export interface Incoming {
  onNotification: (notification: RpcNotification) => void;
  /** The server asks something. */
  onRequest: (request: RpcRequest) => void;
}

/** Longest wait for the rest of a stream after its answer came, before the connection is given up. */
const DRAIN_MS = 1000;

/** Wait before a stream that was ended is gone on with: when the server names none, and what it may name. */
const RESUME_MS = { usual: 1000, shortest: 50, longest: 30_000 };

/** Largest answer, in bytes, with all notifications before it: one server must not use up everybody's memory. */
const MAX_ANSWER_BYTES = 32 * 1024 * 1024;

/** How an answer is read. */
export interface Reading extends Incoming {
  /** The request's id. */
  id: number;
  /** Whether errors about the request may come with another status than 200, as they do in the newer era. */
  anyStatus: boolean;
  /** Goes on with a stream that ended before the answer, after its last event. */
  resume: (lastEventId: string) => Promise<HttpResponse>;
  /** Ends the wait before that. */
  signal: AbortSignal;
  /** What was read already of an answer that comes in several, such as the pages of a list: the bound is for all. */
  read?: { bytes: number };
}

/**
 * The JSON-RPC response to a request, as it stands in an HTTP answer of either kind.
 *
 * @throws HttpFailure when there is none in it.
 */
export async function readAnswer(response: HttpResponse, reading: Reading): Promise<JsonObject> {
  const type = mediaTypeOf(response);
  if (response.status === 200 && type === "text/event-stream") return fromStream(response, reading);
  if (response.status === 200 && type === "application/json") {
    const answer = parse(await readWhole(response.body, reading.read));
    const found = (Array.isArray(answer) ? answer : [answer]).find(
      (each) => isObject(each) && each.id === reading.id,
    );
    if (isObject(found)) return found;
    throw new HttpFailure(200, "answers JSON that is no JSON-RPC response to the request");
  }
  const text = await readText(response.body, 2000);
  const error = reading.anyStatus && type === "application/json" ? parse(text) : undefined;
  if (isObject(error) && error.id === reading.id && isObject(error.error)) return error;
  throw failureOf(response);
}

/**
 * A server may end a stream before the answer, to be asked for the rest later (2025-11-25, "Sending Messages to the
 * Server", 6); it has then named its events.
 */
async function fromStream(response: HttpResponse, reading: Reading): Promise<JsonObject> {
  let stream = response;
  for (;;) {
    const { message, last } = await untilAnswer(stream, reading);
    if (message) return message;
    if (last.id === undefined) throw new HttpFailure(200, "ended its event stream without an answer");
    const { usual, shortest, longest } = RESUME_MS;
    const wait = Math.min(Math.max(last.retry ?? usual, shortest), longest);
    await setTimeout(wait, undefined, { signal: reading.signal });
    stream = await reading.resume(last.id);
    if (stream.status !== 200 || mediaTypeOf(stream) !== "text/event-stream") {
      stream.body.destroy(); // nobody reads it, and its connection could serve nobody else
      throw failureOf(stream);
    }
  }
}

async function untilAnswer(response: HttpResponse, reading: Reading) {
  const events = serverSentEvents(limited(response.body, reading.read));
  const last: { id?: string; retry?: number } = {};
  for (;;) {
    const { done, value: event } = await events.next();
    if (done) return { last };
    if (event.id !== undefined) last.id = event.id;
    if (event.retry !== undefined) last.retry = event.retry;
    const message = event.data === "" ? undefined : parse(event.data);
    if (!isObject(message)) continue;
    if (message.id === reading.id && typeof message.method !== "string") {
      // The rest of the stream is read so that its connection can serve again, but nobody waits for it.
      const giveUp = globalThis.setTimeout(() => response.body.destroy(), DRAIN_MS).unref();
      const drain = async () => {
        while (!(await events.next()).done);
        clearTimeout(giveUp);
      };
      drain().catch(() => {});
      return { message, last };
    }
    pass(message, reading);
  }
}

/**
 * Passes on what comes on a stream that answers no request, until it ends. A single message has a bound, not all of
 * them together.
 *
 * @throws HttpFailure when the answer is no stream.
 */
export async function readStream(response: HttpResponse, incoming: Incoming): Promise<void> {
  if (response.status !== 200 || mediaTypeOf(response) !== "text/event-stream") {
    response.body.destroy();
    throw failureOf(response);
  }
  const read = { bytes: 0 };
  for await (const event of serverSentEvents(limited(response.body, read))) {
    read.bytes = 0;
    const message = event.data === "" ? undefined : parse(event.data);
    if (isObject(message)) pass(message, incoming);
  }
}

function pass(message: JsonObject, { onNotification, onRequest }: Incoming): void {
  if (typeof message.method !== "string") return;
  if (message.id === undefined) onNotification(message as unknown as RpcNotification);
  else onRequest(message as unknown as RpcRequest);
}

/** Without a generator in between, since most answers are one chunk. */
async function readWhole(body: HttpResponse["body"], read = { bytes: 0 }): Promise<string> {
  const chunks: Uint8Array[] = [];
  for await (const chunk of body) {
    count(chunk, read);
    chunks.push(chunk);
  }
  return new TextDecoder().decode(Buffer.concat(chunks));
}

async function* limited(body: HttpResponse["body"], read = { bytes: 0 }): AsyncGenerator<Uint8Array> {
  for await (const chunk of body) {
    count(chunk, read);
    yield chunk;
  }
}

function count(chunk: Uint8Array, read: { bytes: number }): void {
  read.bytes += chunk.length;
  if (read.bytes > MAX_ANSWER_BYTES)
    throw new HttpFailure(200, `answers with more than ${MAX_ANSWER_BYTES} bytes`);
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
