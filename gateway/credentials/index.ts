import { createHash } from "node:crypto";
import type { Caller } from "../caller.ts";
import type { GatewayConfig } from "../config.ts";
import { CODE } from "../protocol/messages.ts";
import { Upstream } from "../upstream.ts";
import { AuthorizationServer } from "./authorization-server.ts";
import { CredentialError } from "./credential-error.ts";
import { type Identity, IdentityUpstream } from "./identity-upstream.ts";
import { IssuedToken } from "./issued.ts";

type Server = GatewayConfig["servers"][number];

/** A server as its credentials want it to be spoken to. What callers prove themselves by is never passed on to it. */
export function upstreamOf(server: Server, env: NodeJS.ProcessEnv): Upstream {
  const { credentials } = server;
  if (!credentials) return new Upstream(server, env);
  const { issuer, clientId, clientSecretEnv } = credentials;
  const clientSecret = clientSecretEnv && env[clientSecretEnv];
  const authorizationServer = new AuthorizationServer({ issuer, clientId, clientSecret });
  if (credentials.kind === "client_credentials") {
    const fetch = () => authorizationServer.clientCredentials(credentials);
    return new Upstream(server, env, new IssuedToken(server.name, credentials, fetch));
  }
  const exchanged = ({ token }: Caller): Identity => {
    if (token === undefined) {
      throw new CredentialError(
        CODE.http,
        `Server "${server.name}" is asked in the caller's name, and this caller has no signed token to show for it`,
      );
    }
    return {
      // Of another token of the same person another one may be made: with fewer rights, say.
      key: createHash("sha256").update(token).digest("base64"),
      credential: () =>
        new IssuedToken(server.name, credentials, () => authorizationServer.exchange(token, credentials), {
          exchanged: true,
        }),
    };
  };
  return new IdentityUpstream(server, env, exchanged);
}
