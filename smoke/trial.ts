import type { IntegrationModel } from "../components/model/integration.ts";
import { type Caller, callersOf } from "./callers.ts";
import { type Deadline, NotChecked } from "./deadline.ts";
import { RequestFailure } from "./failure.ts";
import { connect, type Era, eras, type JsonObject, type Session } from "./session.ts";
import { type Unlisted, unlistedIn } from "./unlisted.ts";

/** How long a call may take to a server whose declaration gives no timeout, in milliseconds. */
const DEFAULT_LIMIT = 15_000;

/** A list of more pages than this is taken for an endless one. */
const MAX_PAGES = 100;

/** What the checks of one run share: connections, lists, measured times. */
export class Trial {
  readonly model: IntegrationModel;
  readonly endpoint: URL;
  readonly deadline: Deadline;
  readonly callers: Caller[];
  /** How long the example calls took, in milliseconds. */
  readonly exampleTimes: number[] = [];
  /** Why an era can't be spoken at all, once that is known. */
  readonly unreachable = new Map<Era, string>();
  readonly #sessions = new Map<string, Promise<Session>>();
  readonly #lists = new Map<string, Promise<List>>();

  constructor(
    model: IntegrationModel,
    endpoint: URL,
    deadline: Deadline,
    tokens: Readonly<Record<string, string>>,
  ) {
    this.model = model;
    this.endpoint = endpoint;
    this.deadline = deadline;
    this.callers = callersOf(model, tokens);
  }

  /** Connects anew; later {@link session} calls get this connection, or its failure. */
  connect(caller: Caller, era: Era, limit: number): Promise<Session> {
    const { endpoint, deadline } = this;
    const session = connect({ endpoint, era, token: caller.token, limit, signal: deadline.signal });
    session.catch(() => {}); // whoever awaits it reports it
    this.#sessions.set(`${era} ${caller.name}`, session);
    return session;
  }

  /**
   * The caller's connection in an era, made at its first use.
   *
   * @throws NotChecked when it can't be had.
   */
  async session(caller: Caller, era: Era): Promise<Session> {
    requireToken(this, caller);
    requireReached(this);
    if (this.unreachable.has(era)) throw new NotChecked(`${era} can't be spoken there, see above`);
    const session = this.#sessions.get(`${era} ${caller.name}`) ?? this.connect(caller, era, DEFAULT_LIMIT);
    return session.catch((error: unknown) => {
      if (error instanceof RequestFailure) throw new NotChecked(`can't connect: ${error.message}`);
      throw error;
    });
  }

  /** The longest time for a call to a server: its own timeout and a little, so that the gateway's answer comes first. */
  limitFor(server: string): number {
    const own = this.model.servers.find(({ name }) => name === server)?.timeout;
    return (own ?? this.model.gateway?.resilience.timeout ?? DEFAULT_LIMIT) + 2_000;
  }

  /** All pages of a list; asked for once. */
  list(caller: Caller, era: Era, kind: ListKind): Promise<List> {
    const key = `${era} ${kind} ${caller.name}`;
    const list = this.#lists.get(key) ?? this.#list(caller, era, kind);
    list.catch(() => {});
    this.#lists.set(key, list);
    return list;
  }

  async #list(caller: Caller, era: Era, kind: ListKind): Promise<List> {
    const session = await this.session(caller, era);
    const names: string[] = [];
    const unlisted: Unlisted[] = [];
    let cursor: unknown;
    for (let page = 0; page < MAX_PAGES; page++) {
      const params = cursor === undefined ? {} : { cursor };
      const result = await session.request(`${kind}/list`, params, DEFAULT_LIMIT).catch(noneOfThat);
      names.push(...namesIn(result, kind));
      unlisted.push(...unlistedIn(result));
      cursor = result.nextCursor;
      if (typeof cursor !== "string") return { names, unlisted };
    }
    throw new RequestFailure(`pages its ${kind} without an end (${MAX_PAGES} pages)`, {});
  }

  /** Ends every connection. Never throws. */
  async close(): Promise<void> {
    await Promise.allSettled([...this.#sessions.values()].map(async (session) => (await session).close()));
  }
}

/** What a caller is shown. */
export interface List {
  /** For resources: the URIs. */
  names: string[];
  /** Servers that it is without, because they can't be listed now. */
  unlisted: Unlisted[];
}

/** What can be listed. */
export type ListKind = "tools" | "prompts" | "resources";

/** @throws NotChecked when the gateway asks for tokens and there is none for this caller. */
export function requireToken({ model }: Trial, caller: Caller): void {
  if (model.gateway?.auth.mode === "none" || caller.token) return;
  throw new NotChecked("no token of this consumer was handed to the smoke test");
}

/** @throws NotChecked when no era could be spoken: then nothing else there means anything. */
export function requireReached({ unreachable }: Pick<Trial, "unreachable">): void {
  if (eras.every((era) => unreachable.has(era))) {
    throw new NotChecked("the endpoint can't be used, see above");
  }
}

/** A server without prompts need not know `prompts/list`. */
function noneOfThat(error: unknown): JsonObject {
  if (error instanceof RequestFailure && error.rpc?.code === -32601) return {};
  throw error;
}

function namesIn(result: JsonObject, kind: ListKind): string[] {
  const items = result[kind];
  if (!Array.isArray(items)) return [];
  const key = kind === "resources" ? "uri" : "name";
  return items.flatMap((item: JsonObject | null) => (typeof item?.[key] === "string" ? [item[key]] : []));
}
