import type { DomainChange } from "./domain-change.ts";

/** How names and values are set apart from the words around them. */
export type Quote = (text: string) => string;

/** What became of a fact, such as `replicas 2 → 3`, without what it is of. */
export function inWords(change: DomainChange, quote: Quote): string {
  const { fact, before, after, gained = [], lost = [] } = change;
  const lists = [
    ...(gained.length > 0 ? [`gains ${gained.map(quote).join(", ")}`] : []),
    ...(lost.length > 0 ? [`loses ${lost.map(quote).join(", ")}`] : []),
  ].join("; ");
  if (!fact) {
    const what = change.change === "added" ? "is new" : "is removed";
    const about = after ?? before;
    return [about ? `${what}: ${quote(about)}` : what, lists].filter(Boolean).join("; ");
  }
  if (lists) return fact === "uses" ? lists : `${fact}: ${lists}`;
  if (before === undefined && after === undefined) return `${fact} ${verb(fact)}`;
  return `${fact} ${before === undefined ? "none" : quote(before)} → ${after === undefined ? "none" : quote(after)}`;
}

function verb(fact: string): string {
  return /s$|^values/.test(fact) ? "change" : "changes";
}

/** Changes of one subject together, in the order in which the subjects come first. */
export function bySubject(changes: readonly DomainChange[]): [subject: DomainChange, all: DomainChange[]][] {
  const groups = Map.groupBy(changes, ({ kind, name }) => `${kind} ${name}`);
  return [...groups.values()].flatMap((all) =>
    all[0] ? [[all[0], all] as [DomainChange, DomainChange[]]] : [],
  );
}

/** A count of operations for people: `2 created, 1 updated`. */
export function operationsInWords(operations: Readonly<Record<string, number>>): string {
  const done: Record<string, string> = {
    create: "created",
    update: "updated",
    replace: "replaced",
    delete: "deleted",
  };
  return Object.entries(operations)
    .map(([op, count]) => `${count} ${done[op] ?? op}`)
    .join(", ");
}
