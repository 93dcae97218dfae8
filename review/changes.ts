import type { IntegrationModel } from "../components/model/index.ts";
import type { DomainChange } from "./domain-change.ts";
import type { Fact } from "./fact.ts";
import { type Subject, subjectsOf } from "./facts.ts";

/** What differs between what is deployed and what is declared, in words of the domain. Pure. */
export function changesBetween(
  before: IntegrationModel | undefined,
  after: IntegrationModel | undefined,
): DomainChange[] {
  const was = before ? subjectsOf(before) : [];
  const is = after ? subjectsOf(after) : [];
  return [
    ...is.flatMap((subject) => {
      const earlier = was.find((each) => same(each, subject));
      return earlier ? changesOf(earlier, subject) : [whole(subject, "added")];
    }),
    ...was
      .filter((subject) => !is.some((each) => same(each, subject)))
      .map((subject) => whole(subject, "removed")),
  ];
}

function same(one: Subject, other: Subject): boolean {
  return one.kind === other.kind && one.name === other.name;
}

/** Of a consumer what it may now do, or no longer, is the whole point. */
function whole({ kind, name, summary, facts }: Subject, change: "added" | "removed"): DomainChange {
  const uses = facts.find(({ fact }) => fact === "uses")?.value;
  return {
    kind,
    name,
    change,
    ...(summary && { [change === "added" ? "after" : "before"]: summary }),
    ...(Array.isArray(uses) && { [change === "added" ? "gained" : "lost"]: uses }),
  };
}

function changesOf(before: Subject, after: Subject): DomainChange[] {
  const { kind, name } = after;
  const names = [...new Set([...before.facts, ...after.facts].map(({ fact }) => fact))];
  const found = names.flatMap((fact) => {
    const was = before.facts.find((each) => each.fact === fact);
    const is = after.facts.find((each) => each.fact === fact);
    const difference = differenceOf(was, is);
    return difference ? [{ kind, name, change: "changed" as const, fact, ...difference }] : [];
  });
  return found.filter((change) => !isSaid(change, found));
}

/** Values that nobody sees are worth a word only where nothing that is seen has told of them. */
const saidBy: Record<string, readonly string[]> = {
  "how it is started": ["package", "image", "command", "transport"],
  "values of its environment": ["environment", "secrets"],
  "values of its headers": ["headers", "secrets"],
  "example calls": ["uses"],
  "pinned definitions": ["pins the catalogue of"],
  address: ["host", "transport"],
};

function isSaid({ fact = "" }: DomainChange, found: readonly DomainChange[]): boolean {
  return found.some((other) => other.fact !== undefined && saidBy[fact]?.includes(other.fact));
}

type Difference = Pick<DomainChange, "before" | "after" | "gained" | "lost">;

function differenceOf(was: Fact | undefined, is: Fact | undefined): Difference | undefined {
  if (was?.hidden || is?.hidden) return was?.value === is?.value ? undefined : {};
  const [before, after] = [was?.value, is?.value];
  if (Array.isArray(before) || Array.isArray(after)) {
    const [had, has] = [listOf(before), listOf(after)];
    const gained = has.filter((each) => !had.includes(each));
    const lost = had.filter((each) => !has.includes(each));
    if (gained.length + lost.length === 0) return undefined;
    return { ...(gained.length > 0 && { gained }), ...(lost.length > 0 && { lost }) };
  }
  if (before === after) return undefined;
  return { ...(before && { before: String(before) }), ...(after && { after: String(after) }) };
}

function listOf(value: Fact["value"] | undefined): readonly string[] {
  return value === undefined ? [] : typeof value === "string" ? [value] : value;
}
