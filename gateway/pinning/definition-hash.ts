import { hash } from "node:crypto";
import canonicalize from "canonicalize";
import type { JsonObject } from "../protocol/messages.ts";

/**
 * What a tool's definition is known by: lower-case hex SHA-256 of its canonical JSON (RFC 8785), as the server sent it, with
 * the server's own name for it and with every field, known or not. `undefined` for what has no canonical form, such as text
 * with half a character in it: nobody can have agreed on that.
 */
export function definitionHash(definition: JsonObject): string | undefined {
  try {
    const text = canonicalize(definition);
    return text === undefined ? undefined : hash("sha256", text);
  } catch {
    return undefined;
  }
}
