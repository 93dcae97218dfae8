import { type Grants, qualified } from "./access.ts";
import type { Backend } from "./backends/backend.ts";
import type { Caller } from "./caller.ts";
import { isObject, type JsonObject } from "./protocol/messages.ts";
import type { Client } from "./sessions/client.ts";
import type { Trace } from "./tracing/trace.ts";
import { UpstreamError } from "./upstream.ts";

/** The lists that a client can ask for: the method, and where the items stand in its result. */
export const LISTS = {
  "tools/list": { field: "tools", kind: "tools" },
  "prompts/list": { field: "prompts", kind: "prompts" },
  "resources/list": { field: "resources", kind: "resources" },
  "resources/templates/list": { field: "resourceTemplates", kind: "resources" },
} as const;

/** A method that lists something. */
export type ListMethod = keyof typeof LISTS;

/** Whether a method lists something. */
export function isListMethod(method: string): method is ListMethod {
  return Object.hasOwn(LISTS, method);
}

/** More pages than any real server has; a server that never ends would otherwise be asked forever. */
const MAX_PAGES = 100;

/**
 * Every item that a server lists, raw, over all pages, the last of which begins within `timeoutMs` milliseconds.
 *
 * @throws what {@link Backend.request} throws.
 */
export async function allItems(
  upstream: Backend,
  method: ListMethod,
  options: { signal?: AbortSignal; timeoutMs: number; caller?: Caller; client?: Client; trace?: Trace },
): Promise<JsonObject[]> {
  const deadline = performance.now() + options.timeoutMs;
  const items: JsonObject[] = [];
  const read = { bytes: 0 };
  let cursor: unknown;
  for (let page = 0; page < MAX_PAGES; page++) {
    if (performance.now() > deadline) {
      const message = `Server "${upstream.name}" did not come to the end of its list within ${options.timeoutMs} ms`;
      throw new UpstreamError("timeout", message);
    }
    const result = await upstream.request(method, cursor === undefined ? {} : { cursor }, {
      ...options,
      read,
    });
    const listed = result[LISTS[method].field];
    if (Array.isArray(listed)) items.push(...listed.filter(isObject));
    cursor = result.nextCursor;
    if (typeof cursor !== "string") break;
  }
  return items;
}

/**
 * A server's items as one caller sees them: only what is granted, with the server's name in front of theirs. All
 * else stays as the server sent it. Resources keep their URI, since results refer to it.
 */
export function visibleItems(
  method: ListMethod,
  server: string,
  items: readonly JsonObject[],
  grants: Grants,
): JsonObject[] {
  const granted = (item: JsonObject): boolean => {
    if (method === "resources/list")
      return typeof item.uri === "string" && grants.resourceOf(server, item.uri);
    if (method === "resources/templates/list") {
      return typeof item.uriTemplate === "string" && grants.template(server, item.uriTemplate);
    }
    if (typeof item.name !== "string") return false;
    return method === "tools/list" ? grants.tool(server, item.name) : grants.prompt(server, item.name);
  };
  return items.filter(granted).map((item) => ({ ...item, name: qualified(server, String(item.name ?? "")) }));
}
