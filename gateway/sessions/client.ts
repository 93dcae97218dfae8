import { isObject, type JsonObject, META, type RpcNotification } from "../protocol/messages.ts";

/** A question that a server puts to a client, such as `elicitation/create`. */
export interface Question {
  method: string;
  params?: JsonObject;
}

/**
 * Puts a question to the client and gives its raw answer.
 *
 * @throws RpcError when the client refuses, can't be asked that, or can't be reached.
 */
export type Ask = (question: Question, signal: AbortSignal) => Promise<JsonObject>;

/** The client at the other end of a request, as far as servers have to do with it. */
export interface Client {
  /** What it can be asked for, as it declared it. */
  capabilities: JsonObject;
  /** The least severe log messages that it wants with its request; absent: none, or what its session says. */
  logLevel?: string;
  /** Asks it while its request is under way. Absent in the newer era, where servers ask by their result. */
  ask?: Ask;
  /** The session that the request belongs to. */
  session?: ClientSession;
}

/** A session of an older client. Servers that keep sessions too have one for each of these. */
export interface ClientSession {
  readonly capabilities: JsonObject;
  /** The least severe log messages that it wants (`logging/setLevel`). */
  readonly logLevel: string | undefined;
  /** Fires when the session is over. */
  readonly ended: AbortSignal;
  /** Asks outside of any request. */
  readonly ask: Ask;
  /** Tells outside of any request. */
  notify(notification: RpcNotification): void;
  /** Its resource subscriptions that the gateway keeps for it: by URI, how to end them. */
  readonly subscriptions: Map<string, () => void>;
  /** Called with what the client says to all its servers at once: a new log level, changed roots. */
  readonly servers: Set<(message: Question) => void>;
}

/**
 * The experimental capability by which a bridge says that it keeps sessions for clients that can be asked: to everyone
 * else it speaks the newer era, which has none.
 */
export const KEEPS_SESSIONS = "mcp-infra/sessions";

/** By method, the capability that a client must declare to be asked. */
const CAPABILITY: Readonly<Record<string, string>> = {
  "elicitation/create": "elicitation",
  "sampling/createMessage": "sampling",
  "roots/list": "roots",
};

const CAPABILITIES = Object.values(CAPABILITY);

/** Of what a client declares, what a server behind the gateway can ask it for; `undefined` when that is nothing. */
export function askable(declared: unknown): JsonObject | undefined {
  if (!isObject(declared)) return undefined;
  const found = CAPABILITIES.filter((name) => declared[name] !== undefined);
  return found.length > 0 ? Object.fromEntries(found.map((name) => [name, declared[name]])) : undefined;
}

/** The client that the envelope of a 2026-07-28 request describes, when there is more to it than that it waits. */
export function clientOf(envelope: JsonObject | undefined): Client | undefined {
  const capabilities = askable(envelope?.[META.clientCapabilities]);
  const logLevel = envelope?.[META.logLevel];
  if (!capabilities && logLevel === undefined) return undefined;
  return { capabilities: capabilities ?? {}, ...(typeof logLevel === "string" && { logLevel }) };
}

/** Whether a client that declares this can be asked that. */
export function canBeAsked(capabilities: JsonObject, { method }: Question): boolean {
  const needed = Object.hasOwn(CAPABILITY, method) ? CAPABILITY[method] : undefined;
  return needed !== undefined && capabilities[needed] !== undefined;
}
