import type { Grants } from "../access.ts";
import { atMostEvery } from "../at-most-every.ts";
import type { Caller } from "../caller.ts";
import type { RpcNotification } from "../protocol/messages.ts";
import {
  ALL_LISTS,
  type ChangeFilter,
  type Changes,
  isListChange,
  isWanted,
  LIST_CHANGES,
} from "./changes.ts";
import { UpstreamWatch, type Watchable } from "./upstream-watch.ts";

/** Most resources that one subscription may be for. */
const MAX_URIS = 1000;

/**
 * Between two changes of one list that are told, in milliseconds: each has every client ask all servers anew, so one server
 * that says so without end would busy them all.
 */
const CHANGE_MS = 1000;

type NamedServer = Watchable & { readonly name: string };

/** The part of a wish that is for one server. */
type Part = readonly [UpstreamWatch, ChangeFilter];

interface Watcher {
  caller: Caller;
  wanted: ChangeFilter;
  tell: (notification: RpcNotification) => void;
}

/**
 * The changes of all servers, for those callers that may know of them. Each server is listened to once, however many
 * want to hear of it, and only while somebody does.
 */
export class ChangeHub implements Changes<Caller> {
  readonly #watches = new Map<string, UpstreamWatch[]>();
  readonly #watchers = new Set<Watcher>();
  /** For the wish that most have: thousands of them share it. */
  readonly #allLists = new WeakMap<Grants, readonly Part[]>();

  /**
   * @param servers by the name that callers know: the servers that stand behind it.
   * @param onToolsChanged told of every server that says its tools are others now, before callers are.
   */
  constructor(
    servers: ReadonlyMap<string, readonly NamedServer[]>,
    onToolsChanged: (server: string) => void = () => {},
  ) {
    for (const [name, members] of servers) {
      const hear = (member: NamedServer) => {
        const changed = atMostEvery(CHANGE_MS, (method) => {
          if (method === "notifications/tools/list_changed") onToolsChanged(member.name);
          this.#pass(name, { method });
        });
        return (news: RpcNotification) =>
          isListChange(news.method) ? changed(news.method) : this.#pass(name, news);
      };
      const watches = members.map((each) => new UpstreamWatch(each, hear(each)));
      this.#watches.set(name, watches);
    }
  }

  granted({ grants }: Caller, wanted: ChangeFilter): ChangeFilter {
    const uris = wanted.resourceSubscriptions?.filter((uri) => grants.resource(uri)).slice(0, MAX_URIS);
    return { ...wanted, ...(uris && { resourceSubscriptions: uris }) };
  }

  watch(caller: Caller, wanted: ChangeFilter, tell: Watcher["tell"]): () => void {
    const watcher = { caller, wanted, tell };
    const known = wanted === ALL_LISTS ? this.#allLists.get(caller.grants) : undefined;
    const parts = known ?? this.#partsOf(caller, wanted);
    if (wanted === ALL_LISTS) this.#allLists.set(caller.grants, parts);
    this.#watchers.add(watcher);
    for (const [watch, filter] of parts) watch.add(filter);
    return () => {
      if (!this.#watchers.delete(watcher)) return;
      for (const [watch, filter] of parts) watch.remove(filter);
    };
  }

  /** Tells one caller, by subject, that a server lists something else for them than before. */
  changedFor(subject: string, server: string): void {
    for (const method of Object.keys(LIST_CHANGES)) this.#pass(server, { method }, subject);
  }

  /** Listens to nobody any more. */
  close(): void {
    for (const watch of [...this.#watches.values()].flat()) watch.close();
  }

  /** A wish, by the server that it is for. */
  #partsOf({ grants }: Caller, wanted: ChangeFilter): Part[] {
    return [...this.#watches].flatMap(([server, watches]) => {
      const lists = Object.values(LIST_CHANGES).filter(
        ({ wish, kind }) => wanted[wish] && grants.servers(kind).includes(server),
      );
      const uris =
        wanted.resourceSubscriptions?.filter((uri) => grants.resource(uri)?.server === server) ?? [];
      if (lists.length + uris.length === 0) return [];
      const filter = {
        ...Object.fromEntries(lists.map(({ wish }) => [wish, true])),
        ...(uris.length > 0 && { resourceSubscriptions: uris }),
      };
      return watches.map((watch): Part => [watch, filter]);
    });
  }

  #pass(server: string, news: RpcNotification, subject?: string): void {
    for (const { caller, wanted, tell } of this.#watchers) {
      if (!isWanted(wanted, news) || (subject !== undefined && caller.subject !== subject)) continue;
      const { method, params } = news;
      const theirs = isListChange(method)
        ? caller.grants.servers(LIST_CHANGES[method].kind).includes(server)
        : caller.grants.resource(String(params?.uri))?.server === server;
      if (theirs) tell(news);
    }
  }
}
