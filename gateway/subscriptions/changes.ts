import { isObject, type RpcNotification } from "../protocol/messages.ts";

/** What somebody wants to hear of: the filter of `subscriptions/listen` (2026-07-28). */
export interface ChangeFilter {
  toolsListChanged?: boolean;
  promptsListChanged?: boolean;
  resourcesListChanged?: boolean;
  /** URIs whose contents are watched. */
  resourceSubscriptions?: readonly string[];
}

/** What changes in a service, for those who want to hear of it. */
export interface Changes<Caller> {
  /** That part of a wish which the caller may have. */
  granted(caller: Caller, wanted: ChangeFilter): ChangeFilter;
  /** Tells of changes until the function that it gives is called. */
  watch(caller: Caller, wanted: ChangeFilter, tell: (notification: RpcNotification) => void): () => void;
}

/** The lists that can change: by notification, their name in the filter and in capabilities. */
export const LIST_CHANGES = {
  "notifications/tools/list_changed": { wish: "toolsListChanged", kind: "tools" },
  "notifications/prompts/list_changed": { wish: "promptsListChanged", kind: "prompts" },
  "notifications/resources/list_changed": { wish: "resourcesListChanged", kind: "resources" },
} as const;

/** The notification of a changed list. */
export type ListChange = keyof typeof LIST_CHANGES;

/** Whether a notification says that a list has changed. */
export function isListChange(method: string): method is ListChange {
  return Object.hasOwn(LIST_CHANGES, method);
}

/** Says that the contents of a resource have changed. */
export const RESOURCE_UPDATED = "notifications/resources/updated";

/** Every list. */
export const ALL_LISTS: ChangeFilter = {
  toolsListChanged: true,
  promptsListChanged: true,
  resourcesListChanged: true,
};

/** Whether a notification is one that was wished for. */
export function isWanted(wanted: ChangeFilter, { method, params }: RpcNotification): boolean {
  if (isListChange(method)) return wanted[LIST_CHANGES[method].wish] === true;
  if (method !== RESOURCE_UPDATED || typeof params?.uri !== "string") return false;
  return wanted.resourceSubscriptions?.includes(params.uri) === true;
}

/** The filter of a `subscriptions/listen` request, as far as it is one. */
export function filterOf(params: unknown): ChangeFilter {
  const wished = isObject(params) && isObject(params.notifications) ? params.notifications : {};
  const uris = wished.resourceSubscriptions;
  return {
    ...(wished.toolsListChanged === true && { toolsListChanged: true }),
    ...(wished.promptsListChanged === true && { promptsListChanged: true }),
    ...(wished.resourcesListChanged === true && { resourcesListChanged: true }),
    ...(Array.isArray(uris) && { resourceSubscriptions: uris.filter((uri) => typeof uri === "string") }),
  };
}
