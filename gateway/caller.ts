import type { Grants } from "./access.ts";

/** Who sends one request: what it may do, and whose credentials it may use. */
export interface Caller {
  /** What it may see and call. */
  grants: Grants;
  /**
   * The person or program behind it, unique over all issuers: what credentials of its own are kept by. With static
   * tokens the consumer's name.
   */
  subject: string;
  /** Its verified access token: material for a token exchange, never sent to a server. Absent without signed tokens. */
  token?: string;
}
