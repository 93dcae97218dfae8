import type { ChangeFilter } from "./changes.ts";

const FLAGS = ["toolsListChanged", "promptsListChanged", "resourcesListChanged"] as const;

/** The wishes of many as one, each counted. */
export class Wishes {
  readonly #lists = new Map<(typeof FLAGS)[number], number>();
  readonly #uris = new Map<string, number>();

  /** Counts one in; whether all together wish for more than before. */
  add(filter: ChangeFilter): boolean {
    return this.#count(filter, 1);
  }

  /** Counts one out; whether all together wish for less than before. */
  remove(filter: ChangeFilter): boolean {
    return this.#count(filter, -1);
  }

  /** What all together wish for; `undefined` when that is nothing. */
  get filter(): ChangeFilter | undefined {
    if (this.#lists.size + this.#uris.size === 0) return undefined;
    const lists = Object.fromEntries([...this.#lists.keys()].map((flag) => [flag, true]));
    return { ...lists, ...(this.#uris.size > 0 && { resourceSubscriptions: [...this.#uris.keys()] }) };
  }

  #count(filter: ChangeFilter, by: 1 | -1): boolean {
    let changed = false;
    for (const flag of FLAGS) if (filter[flag]) changed = counted(this.#lists, flag, by) || changed;
    for (const uri of filter.resourceSubscriptions ?? []) changed = counted(this.#uris, uri, by) || changed;
    return changed;
  }
}

/** Whether it has come to be counted, or ceased to be. */
function counted<Key>(counts: Map<Key, number>, key: Key, by: 1 | -1): boolean {
  const before = counts.get(key) ?? 0;
  const after = before + by;
  if (after > 0) counts.set(key, after);
  else counts.delete(key);
  return before > 0 !== after > 0;
}
