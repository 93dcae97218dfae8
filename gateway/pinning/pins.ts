import type { Grants } from "../access.ts";
import type { ListMethod } from "../catalogue.ts";
import type { JsonObject } from "../protocol/messages.ts";

/** What was agreed on, held against what is there. */
export interface Pins {
  /** Those of a server's raw items that are as they were agreed on. */
  pinned(
    grants: Grants,
    server: string,
    method: ListMethod,
    items: readonly JsonObject[],
  ): readonly JsonObject[];
  /** Whether a tool's definition, as the server last listed it, is the pinned one. */
  holds(grants: Grants, server: string, tool: string): boolean | Promise<boolean>;
}

/** Without a catalogue everything is as agreed. */
export const unpinned: Pins = {
  pinned: (_grants, _server, _method, items) => items,
  holds: () => true,
};
