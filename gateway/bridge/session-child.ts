import { CODE, type JsonObject, RpcError, type RpcNotification } from "../protocol/messages.ts";
import type { Ask, Client, ClientSession, Question } from "../sessions/client.ts";
import type { Deadline } from "../upstreams/deadline.ts";
import type { StdioServer } from "./child.ts";

/** A call of the session that is under way. */
interface Call {
  client: Client;
  deadline: Deadline;
  notify: ((notification: RpcNotification) => void) | undefined;
}

/** Starts a process of the server, which may ask and tell by these. */
export type StartChild = (by: {
  ask: Ask;
  onNotification: (notification: RpcNotification) => void;
}) => StdioServer;

/** Longest time for the handshake, and for what the client says to all its servers, in milliseconds. */
const START_MS = 60_000;
const RELAY_MS = 10_000;

/**
 * A process of an older server for one client that can be asked something: what it asks on its one stream is for that
 * client, and for nobody else. It is started when it is first needed, and again when it has ended.
 */
export class SessionChild {
  readonly #session: ClientSession;
  readonly #start: StartChild;
  readonly #calls = new Set<Call>();
  #child: Promise<StdioServer> | undefined;

  constructor(session: ClientSession, start: StartChild) {
    this.#session = session;
    this.#start = start;
    session.servers.add(this.#relay);
    session.ended.addEventListener("abort", () => void this.end(), { once: true });
  }

  /** One request of the session. */
  async request(method: string, params: JsonObject | undefined, call: Call): Promise<JsonObject> {
    this.#child ??= this.#started();
    this.#calls.add(call);
    try {
      const child = await this.#child;
      return await child.request(method, params, {
        signal: call.deadline.signal,
        onNotification: call.notify,
      });
    } finally {
      this.#calls.delete(call);
    }
  }

  /** Ends the process. */
  async end(): Promise<void> {
    const child = this.#child;
    this.#child = undefined;
    await child?.then((each) => each.end()).catch(() => {});
  }

  async #started(): Promise<StdioServer> {
    if (this.#session.ended.aborted) throw new RpcError(CODE.unavailable, "The session is over");
    const child = this.#start({ ask: this.#ask, onNotification: this.#tell });
    const forget = () => {
      this.#child = undefined;
    };
    child.exited.then(forget, forget);
    try {
      const { capabilities } = await child.handshake(
        AbortSignal.timeout(START_MS),
        this.#session.capabilities,
      );
      const level = this.#session.logLevel;
      if (level !== undefined && capabilities.logging) {
        await child.request("logging/setLevel", { level }, { signal: AbortSignal.timeout(RELAY_MS) });
      }
      return child;
    } catch (error) {
      forget();
      void child.end();
      throw error;
    }
  }

  /** By the latest call, on whose stream the client listens; the time of all stands still meanwhile. */
  readonly #ask: Ask = (question, signal) => {
    const calls = [...this.#calls];
    const ask = calls.at(-1)?.client.ask ?? this.#session.ask;
    const held = calls.reduce<() => Promise<JsonObject>>(
      (work, { deadline }) =>
        () =>
          deadline.hold(work),
      () => ask(question, signal),
    );
    return held();
  };

  readonly #tell = (notification: RpcNotification): void => {
    const notify = [...this.#calls].at(-1)?.notify;
    if (notify && notification.method === "notifications/message") notify(notification);
    else this.#session.notify(notification);
  };

  readonly #relay = ({ method, params }: Question): void => {
    void this.#child
      ?.then(async (child) => {
        if (method !== "logging/setLevel") child.notify(method, params);
        else await child.request(method, params, { signal: AbortSignal.timeout(RELAY_MS) });
      })
      .catch(() => {});
  };
}

/** The processes for all clients that can be asked something. */
export class SessionChildren {
  readonly #start: StartChild;
  readonly #children = new Map<ClientSession, SessionChild>();

  constructor(start: StartChild) {
    this.#start = start;
  }

  /** The one for a session. */
  of(session: ClientSession): SessionChild {
    const known = this.#children.get(session);
    if (known) return known;
    const made = new SessionChild(session, this.#start);
    this.#children.set(session, made);
    session.ended.addEventListener("abort", () => this.#children.delete(session), { once: true });
    return made;
  }

  /** Ends them all. */
  async end(): Promise<void> {
    await Promise.all([...this.#children.values()].map((child) => child.end()));
  }
}
