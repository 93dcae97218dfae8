import { createHash, timingSafeEqual } from "node:crypto";
import type { IncomingHttpHeaders } from "node:http";
import { LRUCache } from "lru-cache";
import { z } from "zod";
import { SealedMessage } from "./sealed-message.ts";

/** How long a person may take between two pages, in milliseconds. */
const FLOW_MS = 10 * 60_000;

const flowSchema = z.object({
  /** What the browser is away for: to say who sits there, or to consent. */
  step: z.enum(["login", "consent"]),
  server: z.string(),
  /** Whose consent it is to be; at a login without a ticket that is not known yet. */
  subject: z.string().optional(),
  scopes: z.array(z.string()),
  checks: z.object({ state: z.string(), verifier: z.string(), nonce: z.string().optional() }),
});

/** One visit of a browser to an authorization server. */
export type Flow = z.infer<typeof flowSchema>;

/**
 * What must be known when a browser comes back from an authorization server stays with that browser: in a cookie that
 * only the gateway can read, so that any instance can go on, and no other browser. It works once: the cookie is taken
 * back, and whoever kept it finds its state used.
 */
export class ConnectFlows {
  readonly #message: SealedMessage<Flow>;
  readonly #used = new LRUCache<string, true>({ max: 10_000, ttl: FLOW_MS });
  readonly #isSecure: () => boolean;

  /** @param isSecure whether browsers come by https. */
  constructor(secret: string, isSecure: () => boolean) {
    this.#message = new SealedMessage(secret, "flows", flowSchema);
    this.#isSecure = isSecure;
  }

  /** The cookie for a visit. */
  cookieFor(flow: Flow): string {
    return this.#cookie(flow.checks.state, this.#message.write(flow, FLOW_MS), FLOW_MS / 1000);
  }

  /** The cookie that ends a visit. */
  endCookie(state: string): string {
    return this.#cookie(state, "", 0);
  }

  /** The visit that a state stands for, once; `undefined` when it was not this browser's, or is over. */
  take(state: string, headers: IncomingHttpHeaders): Flow | undefined {
    const name = this.#nameOf(state);
    const pair = headers.cookie?.split("; ").find((each) => each.startsWith(`${name}=`));
    const flow = pair && this.#message.read(pair.slice(name.length + 1));
    if (!flow || !same(flow.checks.state, state) || this.#used.has(state)) return undefined;
    this.#used.set(state, true);
    return flow;
  }

  /** Several visits may be under way in one browser, so each has a name of its own. */
  #nameOf(state: string): string {
    const id = createHash("sha256").update(state).digest("hex").slice(0, 16);
    return `${this.#isSecure() ? "__Host-" : ""}mcp-connect-${id}`;
  }

  #cookie(state: string, value: string, maxAge: number): string {
    const secure = this.#isSecure() ? "; Secure" : "";
    // Lax, since the browser comes back by a link from another site.
    return `${this.#nameOf(state)}=${value}; Path=/; Max-Age=${maxAge}; HttpOnly; SameSite=Lax${secure}`;
  }
}

function same(one: string, other: string): boolean {
  const [a, b] = [Buffer.from(one), Buffer.from(other)];
  return a.length === b.length && timingSafeEqual(a, b);
}
