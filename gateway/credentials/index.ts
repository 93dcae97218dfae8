import { createHash } from "node:crypto";
import type { Grants } from "../access.ts";
import type { Caller } from "../caller.ts";
import type { GatewayConfig } from "../config.ts";
import type { Page } from "../http/listener.ts";
import type { Logger } from "../logging.ts";
import { Upstream } from "../upstream.ts";
import { AuthorizationServer, type OAuthClient } from "./authorization-server.ts";
import { Connect } from "./connect.ts";
import { CredentialError } from "./credential-error.ts";
import { FileTokenStore } from "./file-token-store.ts";
import { type Identity, IdentityUpstream } from "./identity-upstream.ts";
import { IssuedToken } from "./issued.ts";
import type { TokenOwner } from "./token-store.ts";
import { UserToken } from "./user-token.ts";

type Server = GatewayConfig["servers"][number];
type Credentials = NonNullable<Server["credentials"]>;

/** How the gateway proves itself to its servers. What callers prove themselves by is never passed on. */
export interface Outbound {
  /** A server as its credentials want it to be spoken to. */
  upstreamOf(server: Server): Upstream;
  /** The servers that want each person's own authorization. */
  readonly asksPeople: ReadonlySet<string>;
  /** The pages where people give it, by path. */
  readonly pages: Record<string, Page>;
  /** What clients are told of such servers before they list anything. */
  instructions(grants: Grants): string | undefined;
}

/** What credentials work with. */
export interface OutboundParts {
  logger: Logger;
  /** The port that the gateway listens on, once it does. */
  port: () => number;
  /** Told of every person who has consented: the server lists more for them than before. */
  onConnected(server: string, subject: string): void;
}

/**
 * The credentials of a configuration.
 *
 * A server that asks people lists nothing for somebody who has not consented yet, and no list may be answered by a question
 * (2026-07-28 allows that for calls, prompts and resources). So a client hears of it in three ways: by the instructions
 * that it gets when it connects, by the list's `_meta`, which says why tools are missing, and by an elicitation
 * when it calls one of them by the name that was granted. After consent it hears that its lists have changed.
 */
export function outbound(
  config: GatewayConfig,
  env: NodeJS.ProcessEnv,
  { logger, port, onConnected }: OutboundParts,
): Outbound {
  const people = new Map(
    config.servers.flatMap(({ name, credentials }) =>
      credentials?.kind === "per_user" ? [[name, personal(name, credentials, env)] as const] : [],
    ),
  );
  const asked = config.userTokens && people.size > 0 ? askedBy(config, config.userTokens) : undefined;

  function askedBy({ login, issuers: [first] }: GatewayConfig, { directory, keyEnv }: UserTokens) {
    const secret = env[keyEnv] ?? "";
    const store = new FileTokenStore(directory, secret, logger);
    const connect = new Connect({
      servers: people,
      store,
      secret,
      base: () => baseOf(config, port()),
      login:
        config.auth === "jwt" && login && first
          ? new AuthorizationServer(clientOf({ ...login, issuer: first.issuer }, env))
          : undefined,
      logger,
      onConnected,
    });
    return { store, connect };
  }

  function identify(server: Server, credentials: Credentials): (caller: Caller) => Identity {
    const person = people.get(server.name);
    if (!person || !asked) return exchanged(server.name, credentials, env);
    const { store, connect } = asked;
    return ({ subject }) => ({
      key: subject,
      credential: () =>
        new UserToken({
          ...person,
          owner: person.owner(subject),
          store,
          pageFor: (scopes) => connect.pageFor(server.name, subject, scopes),
        }),
    });
  }

  return {
    upstreamOf(server) {
      const { name, credentials } = server;
      if (!credentials) return new Upstream(server, env);
      if (credentials.kind !== "client_credentials") {
        return new IdentityUpstream(server, env, identify(server, credentials));
      }
      const authorizationServer = new AuthorizationServer(clientOf(credentials, env));
      const fetch = () => authorizationServer.clientCredentials(credentials);
      return new Upstream(server, env, new IssuedToken(name, credentials, fetch));
    },
    asksPeople: new Set(people.keys()),
    pages: asked?.connect.pages ?? {},
    instructions(grants) {
      const granted = [...people.keys()].filter((server) => grants.servers("tools").includes(server));
      const lines = granted.flatMap((server) => {
        const page = asked?.connect.openPage(server, grants.consumer);
        return page
          ? `The tools of "${server}" work in the name of each person. They are listed once that person has agreed on this page: ${page}`
          : [];
      });
      return lines.length > 0 ? lines.join("\n") : undefined;
    },
  };
}

type UserTokens = NonNullable<GatewayConfig["userTokens"]>;

function personal(server: string, credentials: Credentials, env: NodeJS.ProcessEnv) {
  const { issuer, clientId, resource } = credentials;
  return {
    target: credentials,
    authorizationServer: new AuthorizationServer(clientOf(credentials, env)),
    owner: (subject: string): TokenOwner => ({ server, subject, issuer, clientId, resource }),
  };
}

function exchanged(server: string, credentials: Credentials, env: NodeJS.ProcessEnv) {
  const authorizationServer = new AuthorizationServer(clientOf(credentials, env));
  return ({ token }: Caller): Identity => {
    if (token === undefined) {
      throw new CredentialError(
        `Server "${server}" is asked in the caller's name, and this caller has no signed token to show for it`,
      );
    }
    const fetch = () => authorizationServer.exchange(token, credentials);
    return {
      // Of another token of the same person another one may be made: with fewer rights, say.
      key: createHash("sha256").update(token).digest("base64"),
      credential: () => new IssuedToken(server, credentials, fetch, { exchanged: true }),
    };
  };
}

type ClientConfig = Pick<Credentials, "issuer" | "clientId" | "clientSecretEnv">;

function clientOf({ issuer, clientId, clientSecretEnv }: ClientConfig, env: NodeJS.ProcessEnv): OAuthClient {
  return { issuer, clientId, clientSecret: clientSecretEnv && env[clientSecretEnv] };
}

/** Where browsers reach the gateway: its pages stand beside the endpoint. */
function baseOf({ publicUrl, path, listen: { host } }: GatewayConfig, port: number): string {
  const authority = host.includes(":") ? `[${host}]` : host;
  const endpoint = publicUrl ?? `http://${authority}:${port}${path}`;
  return (endpoint.endsWith(path) ? endpoint.slice(0, -path.length) : endpoint).replace(/\/$/, "");
}
