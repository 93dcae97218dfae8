import { type Grants, grantsByConsumer } from "../access.ts";
import { atMostEvery } from "../at-most-every.ts";
import { printable } from "../audit.ts";
import type { Backend } from "../backends/backend.ts";
import type { Caller } from "../caller.ts";
import { allItems, type ListMethod } from "../catalogue.ts";
import type { GatewayConfig } from "../config.ts";
import type { JsonObject } from "../protocol/messages.ts";
import { type Definitions, definitionsIn, hashOnce, Listings } from "./definitions.ts";
import { type Pins, unpinned } from "./pins.ts";

/** What pins work with. */
export interface PinParts {
  /** Has a server's health checked, since it seems to list something else than it did. */
  check(member: string): void;
  /** Told how many of a server's tools are not as agreed. */
  onCounted(member: string, differing: number): void;
}

/** The pins of a configuration; without a catalogue nothing is pinned. */
export function pinsOf(config: GatewayConfig, parts: PinParts): Pins {
  return config.catalogue ? new CataloguePins(config, config.catalogue, parts) : unpinned;
}

/** Longest time that a call waits for its server's list, in milliseconds. */
const LIST_MS = 5000;

/** How long a health check may take, in milliseconds: what it found may be as old, and older than what passed through. */
const CHECK_MS = 3000;

/** Between two health checks that callers cause, in milliseconds. */
const RECHECK_MS = 1000;

/** How many differing tools are named. */
const NAMED = 5;

/**
 * Holds what servers list against the catalogue. What is not in it was not agreed on: a consumer, a server or a tool that
 * it doesn't name is hidden and refused like one whose definition differs. Who is several consumers has what any of them
 * agreed on. The members of a failover group must agree: nobody knows beforehand which one serves a call.
 *
 * Health checks tell what each server lists, and so does every list that passes through. Where a server answers everybody
 * in their own way (per-user credentials, exchanged tokens), a person's calls are judged by what that person was listed.
 */
class CataloguePins implements Pins {
  readonly #parts: PinParts;
  readonly #agreed: ReadonlyMap<string, ReadonlyMap<string, ReadonlyMap<string, string>>>;
  readonly #consumers: readonly Grants[];
  readonly #personal: ReadonlySet<string>;
  /** By the name that callers know, those who serve it; and the other way round. */
  readonly #members = new Map<string, readonly string[]>();
  readonly #knownAs = new Map<string, string>();
  readonly #listings = new Listings();
  /** Has a member checked. */
  readonly #doubt: (member: string) => void;
  readonly #hashOf = hashOnce();

  constructor(config: GatewayConfig, catalogue: NonNullable<GatewayConfig["catalogue"]>, parts: PinParts) {
    this.#parts = parts;
    this.#doubt = atMostEvery(RECHECK_MS, (member) => parts.check(member));
    this.#agreed = mapOf(catalogue, ({ tools }) => mapOf(tools, (server) => mapOf(server, (hash) => hash)));
    const grants = grantsByConsumer(config);
    this.#consumers = config.consumers.flatMap(({ name }) => grants.get(name) ?? []);
    const personal = config.servers.filter(({ credentials }) => isPersonal(credentials?.kind));
    this.#personal = new Set(personal.map(({ name }) => name));
    for (const { name } of config.servers) {
      this.#members.set(name, [name]);
      this.#knownAs.set(name, name);
    }
    for (const { primary, standby } of config.failover) {
      this.#members.set(primary, [primary, ...standby]);
      for (const member of standby) this.#knownAs.set(member, primary);
    }
  }

  pinned(caller: Caller, server: string, method: ListMethod, items: readonly JsonObject[]) {
    if (method !== "tools/list") return items;
    this.#heard(caller, server, definitionsIn(items, this.#hashOf));
    return items.filter((item) => this.#agrees(caller.grants, server, String(item.name), this.#hashOf(item)));
  }

  holds(caller: Caller, backend: Backend, tool: string, signal: AbortSignal | undefined) {
    const known = this.#sources(caller, backend.name).flatMap((source) => this.#listings.get(source) ?? []);
    if (known.length > 0) {
      const agreed = this.#allAgree(caller, backend.name, tool, known);
      // It may be as agreed again.
      if (!agreed) for (const member of this.#members.get(backend.name) ?? []) this.#doubt(member);
      return agreed;
    }
    return this.#ask(caller, backend, signal).then((now) =>
      this.#allAgree(caller, backend.name, tool, [now]),
    );
  }

  listed(member: string, items: readonly JsonObject[]): string | undefined {
    const server = this.#knownAs.get(member) ?? member;
    // What the gateway is listed with no person behind it says nothing of what persons are.
    if (this.#personal.has(server)) return undefined;
    const definitions = definitionsIn(items, this.#hashOf);
    this.#listings.set(member, definitions);
    this.#listings.forget(passing(server), CHECK_MS);
    const differing = [...definitions].flatMap(([tool, hash]) =>
      this.#consumers.every((each) => !each.tool(server, tool) || this.#agrees(each, server, tool, hash))
        ? []
        : tool,
    );
    this.#parts.onCounted(member, differing.length);
    return differing.length === 0 ? undefined : reasonOf(differing);
  }

  /** What passed through counts at once. If it is news, a health check tells everybody. */
  #heard(caller: Caller, server: string, now: Definitions): void {
    if (this.#personal.has(server)) {
      this.#listings.set(personal(server, caller), now);
      return;
    }
    this.#listings.set(passing(server), now);
    for (const member of this.#members.get(server) ?? []) {
      const before = this.#listings.get(member);
      if ([...now].some(([tool, hash]) => !before?.has(tool) || before.get(tool) !== hash))
        this.#doubt(member);
    }
  }

  async #ask(caller: Caller, backend: Backend, signal: AbortSignal | undefined): Promise<Definitions> {
    const items = await allItems(backend, "tools/list", { signal, timeoutMs: LIST_MS, caller });
    const now = definitionsIn(items, this.#hashOf);
    this.#heard(caller, backend.name, now);
    return now;
  }

  #sources(caller: Caller, server: string): readonly string[] {
    if (this.#personal.has(server)) return [personal(server, caller)];
    return [...(this.#members.get(server) ?? []), passing(server)];
  }

  /** Whoever lists the tool lists what was agreed on, and somebody does list it. */
  #allAgree({ grants }: Caller, server: string, tool: string, known: readonly Definitions[]): boolean {
    const listing = known.filter((each) => each.has(tool));
    return listing.length > 0 && listing.every((each) => this.#agrees(grants, server, tool, each.get(tool)));
  }

  #agrees(grants: Grants, server: string, tool: string, hash: string | undefined): boolean {
    if (hash === undefined) return false;
    return grants
      .holders(server, tool)
      .some((consumer) => this.#agreed.get(consumer)?.get(server)?.get(tool) === hash);
  }
}

/** Sources of listings beside the members themselves; server names have neither space nor line end. */
const passing = (server: string) => `${server} passing`;
const personal = (server: string, { subject }: Caller) => `${server}\n${subject}`;

function isPersonal(kind: string | undefined): boolean {
  return kind === "per_user" || kind === "token_exchange";
}

function reasonOf(tools: readonly string[]): string {
  const named = tools.slice(0, NAMED).map(printable).join(", ");
  const more = tools.length > NAMED ? ` and ${tools.length - NAMED} more` : "";
  return tools.length === 1
    ? `1 tool differs from the pinned catalogue: ${named}`
    : `${tools.length} tools differ from the pinned catalogue: ${named}${more}`;
}

function mapOf<From, To>(record: Record<string, From>, to: (value: From) => To): ReadonlyMap<string, To> {
  return new Map(Object.entries(record).map(([key, value]) => [key, to(value)]));
}
