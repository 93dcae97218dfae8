import { isObject, type JsonObject } from "../protocol/messages.ts";

/** Methods that only read, whatever the server. */
const READS = new Set([
  "server/discover",
  "ping",
  "tools/list",
  "prompts/list",
  "prompts/get",
  "resources/list",
  "resources/templates/list",
  "resources/read",
  "completion/complete",
]);

/** Who has a say in whether a request may be sent twice; `undefined` where somebody says nothing. */
export interface Says {
  /** The declaration of the tool. */
  declared: boolean | undefined;
  /** The annotations of the tool at each server that may get it, as far as they have been heard of. */
  annotated: readonly (boolean | undefined)[];
}

/** Whether a request may be sent twice. What nobody says of a tool is no. */
export function mayRepeat(method: string, { declared, annotated }: Says): boolean {
  if (method !== "tools/call") return READS.has(method);
  return declared ?? (annotated.includes(true) && !annotated.includes(false));
}

/** Whether a tool's raw definition says so by its annotations. */
export function saysRepeatable(tool: JsonObject): boolean {
  const { readOnlyHint, idempotentHint } = isObject(tool.annotations) ? tool.annotations : {};
  return readOnlyHint === true || idempotentHint === true;
}
