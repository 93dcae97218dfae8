/** One thing that is so of a server, a consumer, …, in words for a reviewer. */
export interface Fact {
  /** Such as `replicas`. */
  fact: string;
  /** A list is compared entry by entry. */
  value: string | readonly string[];
  /** Its value may be what nobody should see, such as a program's arguments: only that it changes is told. */
  hidden?: true;
}

/** A fact where there is one. */
export function fact(name: string, value: string | readonly string[] | undefined): Fact[] {
  return value === undefined ? [] : [{ fact: name, value }];
}
