import type { IncomingMessage } from "node:http";
import { z } from "zod";
import type { Page } from "../http/listener.ts";
import type { Logger } from "../logging.ts";
import type { AuthorizationServer, TokenTarget } from "./authorization-server.ts";
import { ConnectFlows, type Flow } from "./connect-flow.ts";
import { OAuthRefusal } from "./oauth-refusal.ts";
import { SealedMessage } from "./sealed-message.ts";
import type { TokenOwner, TokenStore } from "./token-store.ts";
import { redirect, webPage } from "./web-page.ts";

/** How long a link that a client was given leads anywhere, in milliseconds. */
const TICKET_MS = 10 * 60_000;

/**
 * Where browsers come back to from a sign-in, and below it, by the server's name, from a consent. An authorization server that
 * secretly sends a browser on to another one gets a code of that one's otherwise (RFC 9700, section 4.4, "mix-up"): it is
 * refused there, since the address is not the one that was registered.
 */
const CALLBACK = "/oauth/callback";

const ticketSchema = z.object({ server: z.string(), subject: z.string(), scopes: z.array(z.string()) });

/** A server that asks for people's own authorization. */
export interface ConnectableServer {
  target: TokenTarget;
  authorizationServer: AuthorizationServer;
  owner(subject: string): TokenOwner;
}

/** What the pages work with. */
export interface ConnectParts {
  servers: ReadonlyMap<string, ConnectableServer>;
  store: TokenStore;
  /** What tickets and cookies are sealed with. */
  secret: string;
  /** Where browsers reach the gateway, once it listens. */
  base: () => string;
  /** Where a browser proves whose it is; absent where whoever reaches the gateway is at the machine it runs on. */
  login: AuthorizationServer | undefined;
  logger: Logger;
  /** Told of every person who has consented. */
  onConnected(server: string, subject: string): void;
}

/**
 * The way by which a person lets the gateway act for them at a server: `/connect/<server>` leads to the server's
 * authorization server, and that back to `/oauth/callback/<server>`.
 *
 * A link may reach somebody else than it was made for. If that person consented, the one who asked would act with the
 * other's account (MCP, URL elicitation, "Phishing"). So a browser first says at the callers' own issuer who sits there,
 * and it must be the one that the ticket in the link names. A link without a ticket is for whoever signs in.
 */
export class Connect {
  readonly #parts: ConnectParts;
  readonly #tickets: SealedMessage<z.infer<typeof ticketSchema>>;
  readonly #flows: ConnectFlows;

  constructor(parts: ConnectParts) {
    this.#parts = parts;
    this.#tickets = new SealedMessage(parts.secret, "tickets", ticketSchema);
    this.#flows = new ConnectFlows(parts.secret, () => new URL(parts.base()).protocol === "https:");
  }

  /** The page for a person; it leads somewhere for a while, and for that person alone. */
  pageFor(server: string, subject: string, scopes: readonly string[]): string {
    const ticket = this.#tickets.write({ server, subject, scopes: [...scopes] }, TICKET_MS);
    return `${this.#pageOf(server)}?ticket=${ticket}`;
  }

  /**
   * The page that may be known to everybody: browsers say whose they are. Without that it is for one consumer, at the
   * machine that the gateway runs on.
   */
  openPage(server: string, consumer: string): string {
    if (this.#parts.login) return this.#pageOf(server);
    const { scopes } = this.#server(server).target;
    return `${this.#pageOf(server)}?ticket=${this.#tickets.write({ server, subject: consumer, scopes })}`;
  }

  /** The pages by path. */
  get pages(): Record<string, Page> {
    const servers = [...this.#parts.servers.keys()];
    const starts = servers.map((server) => [
      `/connect/${server}`,
      this.#page((url) => this.#start(server, url)),
    ]);
    const callback = this.#page((url, request) => this.#callback(url, request));
    const callbacks = [CALLBACK, ...servers.map(consentPath)].map((path) => [path, callback]);
    return Object.fromEntries([...starts, ...callbacks]);
  }

  #pageOf(server: string): string {
    return `${this.#parts.base()}/connect/${server}`;
  }

  #page(show: (url: URL, request: IncomingMessage) => ReturnType<Page>): Page {
    return async ({ request }) => {
      // Whoever only looks whether a link works must not use it up.
      if (request.method !== "GET") return webPage(405, "Open this in a browser", "");
      try {
        // Its path is one of those below; as seen by the browser, which may be at a proxy.
        return await show(new URL(`${this.#parts.base()}${request.url}`), request);
      } catch (error) {
        if (!(error instanceof OAuthRefusal)) throw error;
        this.#parts.logger.warn({ reason: error.message }, "a person could not connect");
        return webPage(
          502,
          "Not connected",
          `It did not work, since ${error.message}. Ask your client for a new link.`,
        );
      }
    };
  }

  async #start(server: string, url: URL) {
    const { login, servers } = this.#parts;
    const text = url.searchParams.get("ticket");
    const ticket = text === null ? undefined : this.#tickets.read(text);
    if (ticket ? ticket.server !== server : text !== null || !login) {
      return webPage(400, "This link is no longer good", "Ask your client for a new one.");
    }
    const subject = ticket?.subject;
    const scopes = ticket?.scopes ?? servers.get(server)?.target.scopes ?? [];
    if (login) return this.#leave(login, { scopes: ["openid"] }, { step: "login", server, subject, scopes });
    return this.#toConsent({ server, subject: subject ?? "", scopes });
  }

  #toConsent(
    { server, subject, scopes }: { server: string; subject: string; scopes: string[] },
    ended?: string,
  ) {
    const { authorizationServer, target } = this.#server(server);
    const flow = { step: "consent", server, subject, scopes } as const;
    return this.#leave(authorizationServer, { resource: target.resource, scopes }, flow, ended);
  }

  /** Sends the browser to an authorization server, with what it has to bring back. */
  async #leave(
    to: AuthorizationServer,
    target: Partial<TokenTarget>,
    flow: Omit<Flow, "checks">,
    ended?: string,
  ) {
    const { url, checks } = await to.authorization(target, `${this.#parts.base()}${callbackOf(flow)}`);
    const cookies = [this.#flows.cookieFor({ ...flow, checks }), ...(ended ? [ended] : [])];
    return redirect(url, cookies);
  }

  async #callback(url: URL, { headers }: IncomingMessage) {
    const state = url.searchParams.get("state") ?? "";
    const flow = this.#flows.take(state, headers);
    if (!flow || !url.pathname.endsWith(callbackOf(flow))) {
      const text =
        "It was used already, has become too old, or was begun in another browser. Ask your client for a new link.";
      return webPage(400, "This page is no longer good", text);
    }
    const ended = this.#flows.endCookie(state);
    const { server, subject = "", scopes, checks } = flow;
    if (flow.step === "login") {
      const found = await this.#signedIn(url, flow);
      if (flow.subject !== undefined && subject !== found) {
        this.#parts.logger.warn({ server }, "a link to connect was opened by somebody else");
        const text =
          "You are signed in as somebody else than the one that this link was made for. Nothing was connected.";
        return webPage(403, "This link is not for you", text, [ended]);
      }
      return this.#toConsent({ server, subject: found, scopes }, ended);
    }
    const { authorizationServer, owner, target } = this.#server(server);
    const tokens = await authorizationServer.redeem(url, checks, target);
    const { store } = this.#parts;
    // Not while old tokens are refreshed, whose outcome would take the place of these.
    await store.exclusively(owner(subject), () => store.write(owner(subject), tokens));
    this.#parts.logger.info({ server }, "a person has connected");
    this.#parts.onConnected(server, subject);
    return webPage(
      200,
      "Connected",
      `The gateway may now ask ${server} in your name. You can close this page.`,
      [ended],
    );
  }

  /** Who sits at the browser, by the name that its calls go by. */
  async #signedIn(url: URL, { checks }: Flow): Promise<string> {
    const { login } = this.#parts;
    const subject = login && (await login.redeem(url, checks)).subject;
    if (subject === undefined) throw new Error("an identity token without a subject");
    return `${login?.issuer}|${subject}`;
  }

  #server(name: string): ConnectableServer {
    const server = this.#parts.servers.get(name);
    if (!server) throw new Error(`no server ${name} to connect to`);
    return server;
  }
}

const consentPath = (server: string) => `${CALLBACK}/${server}`;

/** The path that a browser comes back to. */
function callbackOf({ step, server }: Pick<Flow, "step" | "server">): string {
  return step === "login" ? CALLBACK : consentPath(server);
}
