import type { JsonObject } from "../gateway/protocol/messages.ts";

/** What a catalogue has, by the method that lists it, the field that holds it and the key that names an item. */
export const kinds = {
  tools: { method: "tools/list", field: "tools", key: "name" },
  prompts: { method: "prompts/list", field: "prompts", key: "name" },
  resources: { method: "resources/list", field: "resources", key: "uri" },
  resourceTemplates: { method: "resources/templates/list", field: "resourceTemplates", key: "uriTemplate" },
} as const;

/** One kind of what servers offer. */
export type Kind = keyof typeof kinds;

/** What one identity sees of a live gateway: raw definitions, under the names that callers know. */
export type Catalogue = Record<Kind, JsonObject[]>;
