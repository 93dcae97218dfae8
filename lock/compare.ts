import { isDeepStrictEqual } from "node:util";
import type { ConsumerModel } from "../components/model/consumer.ts";
import { unqualified } from "../gateway/access.ts";
import type { JsonObject } from "../gateway/protocol/messages.ts";
import type { CatalogueChange } from "./change.ts";
import { type Kind, kinds } from "./kinds.ts";
import type { Lock, LockEntry } from "./lock.ts";
import { changedParts } from "./parts.ts";
import { verdictFor } from "./verdicts.ts";

export type { CatalogueChange, ChangedPart, Direction, Verdict } from "./change.ts";

/** What became of one definition, for those who see it so. */
interface Pair {
  before?: JsonObject;
  after?: JsonObject;
  seenBy: string[];
}

/**
 * What differs between two locks, and what it means to each consumer. Identities count each for itself: what is new to one
 * of them is added, also where others have had it. Pure.
 */
export function compareLocks(
  before: Lock,
  now: Lock,
  consumers: readonly ConsumerModel[],
): CatalogueChange[] {
  const foreign = foreignTools(now);
  return (Object.keys(kinds) as Kind[]).flatMap((kind) => {
    const names = new Set([...Object.keys(before[kind]), ...Object.keys(now[kind])]);
    return [...names].sort().flatMap((name) =>
      pairs(entriesOf(before, kind, name), entriesOf(now, kind, name)).map((pair) => {
        const change = !pair.before ? "added" : !pair.after ? "removed" : "changed";
        const parts = pair.after ? changedParts(pair.before, pair.after, foreign(name)) : [];
        const judged = { kind, name, change, parts, ...pair } as const;
        const verdicts = consumers
          .filter((consumer) => pair.seenBy.includes(consumer.name))
          .map((consumer) => verdictFor(consumer, judged));
        return { kind, name, change, seenBy: pair.seenBy, parts, verdicts };
      }),
    );
  });
}

function entriesOf(lock: Lock, kind: Kind, name: string): readonly LockEntry[] {
  return Object.hasOwn(lock[kind], name) ? (lock[kind][name] ?? []) : [];
}

/** For each identity what it saw beside what it sees; those for whom it is the same together. */
function pairs(before: readonly LockEntry[], now: readonly LockEntry[]): Pair[] {
  const found: Pair[] = [];
  const identities = new Set([...before, ...now].flatMap(({ seenBy }) => seenBy));
  for (const identity of [...identities].sort()) {
    const was = seen(before, identity);
    const is = seen(now, identity);
    const gone = was.filter((each) => !has(is, each));
    const come = is.filter((each) => !has(was, each));
    for (let index = 0; index < Math.max(gone.length, come.length); index++) {
      const pair = { before: gone[index], after: come[index] };
      const same = found.find((each) =>
        isDeepStrictEqual({ ...each, seenBy: undefined }, { ...pair, seenBy: undefined }),
      );
      if (same) same.seenBy.push(identity);
      else found.push({ ...pair, seenBy: [identity] });
    }
  }
  return found;
}

/** Mostly one; a server may also list two under one name. */
function seen(entries: readonly LockEntry[], identity: string): JsonObject[] {
  return entries.filter(({ seenBy }) => seenBy.includes(identity)).map(({ definition }) => definition);
}

function has(list: readonly JsonObject[], wanted: JsonObject): boolean {
  return list.some((each) => isDeepStrictEqual(each, wanted));
}

/** For the name of a tool, the names of all other servers' tools. */
function foreignTools({ tools }: Lock): (exposed: string) => string[] {
  const all = Object.keys(tools).flatMap((exposed) => unqualified(exposed) ?? []);
  return (exposed) => {
    const server = unqualified(exposed)?.server;
    return all.filter((tool) => tool.server !== server).map(({ name }) => name);
  };
}
