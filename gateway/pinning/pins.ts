import type { Backend } from "../backends/backend.ts";
import type { Caller } from "../caller.ts";
import type { ListMethod } from "../catalogue.ts";
import type { JsonObject } from "../protocol/messages.ts";

/** What was agreed on, held against what is there. */
export interface Pins {
  /** Those of a server's raw items that are as they were agreed on with the caller. */
  pinned(
    caller: Caller,
    server: string,
    method: ListMethod,
    items: readonly JsonObject[],
  ): readonly JsonObject[];
  /**
   * Whether a tool's definition, as the server last listed it, is the one that was agreed on with the caller. The server is
   * asked when it hasn't been lately; throws what {@link Backend.request} throws.
   */
  holds(
    caller: Caller,
    backend: Backend,
    tool: string,
    signal: AbortSignal | undefined,
  ): boolean | Promise<boolean>;
  /** Told of what a server lists at a health check; says what is wrong with it. */
  listed(member: string, items: readonly JsonObject[]): string | undefined;
}

/** Without a catalogue everything is as agreed. */
export const unpinned: Pins = {
  pinned: (_caller, _server, _method, items) => items,
  holds: () => true,
  listed: () => undefined,
};
