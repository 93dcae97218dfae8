import type { webcrypto } from "node:crypto";
import { once } from "node:events";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { exportJWK, generateKeyPair, type JWK, type JWTPayload, jwtVerify, SignJWT } from "jose";
import Provider, { type ClientMetadata, type Configuration, errors } from "oidc-provider";
import { TOKEN_EXCHANGE, tokenExchange } from "./token-exchange.ts";

/** Options of {@link authorizationServer}. */
export interface AuthorizationServerOptions {
  /** Path of the issuer, such as `/tenant`. Default: none, the issuer is the origin. */
  path?: string;
  /** The OAuth clients. More may register themselves (RFC 7591). */
  clients?: ClientMetadata[];
  /** What tokens can be for (RFC 8707), with the scopes that can be had there. Default: anything, with these scopes. */
  scopes?: string[];
}

/** A real authorization server on loopback, with what tests need to turn on it. */
export interface AuthorizationServer {
  readonly issuer: string;
  readonly jwksUri: string;
  readonly tokenEndpoint: string;
  /** Every request that it got, as `GET /jwks`. */
  readonly requests: string[];
  /** Paths that are not there. */
  readonly hidden: Set<string>;
  /** Who sits at the browser, and whether consent is given. */
  person: { name: string; consents: boolean };
  /** How long access tokens are good for, in seconds. */
  tokenSeconds: number;
  /** A token by client credentials; `scope` as OAuth writes it. */
  token(
    client: { id: string; secret: string },
    options: { resource: string; scope?: string },
  ): Promise<string>;
  /** A token with any claims, signed by the current key or by `key`. */
  sign(claims: JWTPayload, header?: Record<string, unknown>, key?: webcrypto.CryptoKey): Promise<string>;
  /** The key is replaced: older tokens can't be checked any more. */
  rotateKeys(): Promise<void>;
  /** A person's browser: signs in, consents, and gives the address that it is sent back to. */
  browse(url: string | URL): Promise<URL>;
  /** Takes no more connections; `start` comes back on the same port. */
  stop(): Promise<void>;
  start(): Promise<void>;
}

const ALG = "ES256";

/** Starts an authorization server with client credentials, authorization code with PKCE, refresh tokens and token exchange. */
export async function authorizationServer({
  path = "",
  clients = [],
  scopes = ["search", "write", "admin"],
}: AuthorizationServerOptions = {}): Promise<AuthorizationServer> {
  const server = createServer((request, response) => void answer(request, response));
  await listen(0);
  const { port } = server.address() as AddressInfo;
  const origin = `http://127.0.0.1:${port}`;
  const issuer = origin + path;
  const requests: string[] = [];
  const hidden = new Set<string>();
  let key = await signingKey();
  let provider = providerWith(key.jwk);

  function providerWith(jwk: JWK): Provider {
    const made = new Provider(issuer, configuration({ jwk, clients, scopes, self: () => self }));
    const { d: _private, ...publicJwk } = jwk;
    const exchange = tokenExchange({
      verify: async (token) => (await jwtVerify(token, publicJwk, { issuer })).payload,
      sign: (claims) => self.sign(claims),
      seconds: () => self.tokenSeconds,
    });
    made.registerGrantType(TOKEN_EXCHANGE.grantType, exchange, TOKEN_EXCHANGE.parameters);
    return made;
  }

  async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const url = new URL(request.url ?? "/", origin);
    requests.push(`${request.method} ${url.pathname}`);
    if (hidden.has(url.pathname)) return void response.writeHead(404).end();
    // RFC 8414, section 3.1: an issuer's path stands behind the well-known part.
    const inserted = "/.well-known/oauth-authorization-server";
    if (path && url.pathname === inserted + path) request.url = path + inserted;
    if (!request.url?.startsWith(path)) return void response.writeHead(404).end();
    (request as IncomingMessage & { originalUrl?: string }).originalUrl = request.url;
    request.url = request.url.slice(path.length) || "/";
    if (!request.url.startsWith("/interaction/")) return void provider.callback()(request, response);
    // Clients that ask for a new consent (`prompt=consent`) get it said.
    const result = self.person.consents
      ? { login: { accountId: self.person.name }, consent: {} }
      : { error: "access_denied", error_description: "the person said no" };
    await provider.interactionFinished(request, response, result, { mergeWithLastSubmission: false });
  }

  async function listen(at: number): Promise<void> {
    server.listen(at, "127.0.0.1");
    await once(server, "listening");
  }

  const self: AuthorizationServer = {
    issuer,
    jwksUri: `${issuer}/jwks`,
    tokenEndpoint: `${issuer}/token`,
    requests,
    hidden,
    person: { name: "alice", consents: true },
    tokenSeconds: 600,
    async token({ id, secret }, { resource, scope }) {
      const body = new URLSearchParams({
        grant_type: "client_credentials",
        resource,
        ...(scope && { scope }),
      });
      const authorization = `Basic ${Buffer.from(`${id}:${secret}`).toString("base64")}`;
      const response = await fetch(self.tokenEndpoint, { method: "POST", headers: { authorization }, body });
      const answer = (await response.json()) as { access_token?: string };
      if (!answer.access_token) throw new Error(`no token: ${JSON.stringify(answer)}`);
      return answer.access_token;
    },
    sign: (claims, header = {}, signer = key.privateKey) =>
      new SignJWT(claims)
        .setProtectedHeader({ alg: ALG, typ: "at+jwt", kid: key.jwk.kid, ...header })
        .sign(signer),
    async rotateKeys() {
      key = await signingKey();
      provider = providerWith(key.jwk);
    },
    browse: (url) => browse(new URL(url), origin),
    async stop() {
      const closed = once(server, "close");
      server.close();
      server.closeAllConnections();
      await closed;
    },
    start: () => listen(port),
  };
  return self;
}

async function signingKey() {
  const { privateKey } = await generateKeyPair(ALG, { extractable: true });
  const jwk = { ...(await exportJWK(privateKey)), alg: ALG, use: "sig", kid: crypto.randomUUID() };
  return { privateKey, jwk };
}

function configuration(parts: {
  jwk: JWK;
  clients: ClientMetadata[];
  scopes: string[];
  self: () => AuthorizationServer;
}): Configuration {
  const { jwk, clients, scopes, self } = parts;
  return {
    clients,
    jwks: { keys: [jwk as never] },
    clientDefaults: { id_token_signed_response_alg: ALG },
    enabledJWA: { idTokenSigningAlgValues: [ALG] },
    cookies: { keys: ["only for tests"] },
    scopes: ["openid", "offline_access", ...scopes],
    features: {
      devInteractions: { enabled: false },
      clientCredentials: { enabled: true },
      registration: { enabled: true },
      revocation: { enabled: true },
      resourceIndicators: {
        enabled: true,
        // Whoever asked for a token for a resource gets it for that one at the token endpoint too.
        useGrantedResource: async () => true,
        async getResourceServerInfo(_context, resource) {
          if (resource.includes("nobody")) throw new errors.InvalidTarget();
          return {
            audience: resource,
            scope: scopes.join(" "),
            accessTokenTTL: self().tokenSeconds,
            accessTokenFormat: "jwt",
            jwt: { sign: { alg: ALG } },
          };
        },
      },
    },
    ttl: {
      AccessToken: () => self().tokenSeconds,
      ClientCredentials: () => self().tokenSeconds,
      RefreshToken: 3600,
      Session: 600,
      Interaction: 600,
      Grant: 3600,
    },
    pkce: { required: () => true },
    interactions: {
      url: (_context, { uid }) => `${new URL(self().issuer).pathname.replace(/\/$/, "")}/interaction/${uid}`,
    },
    findAccount: async (_context, id) => ({ accountId: id, claims: async () => ({ sub: id }) }),
    issueRefreshToken: async (_context, client) => client.grantTypeAllowed("refresh_token"),
    rotateRefreshToken: true,
    // Consent is given to what is asked for; a person who says no has done so at the sign-in.
    async loadExistingGrant(context) {
      const { client, session, params, resourceServers = {}, provider } = context.oidc;
      const grant = new provider.Grant({ clientId: client?.clientId, accountId: session?.accountId });
      const scope = String(params?.scope ?? "");
      grant.addOIDCScope(scope);
      for (const resource of Object.keys(resourceServers)) grant.addResourceScope(resource, scope);
      await grant.save();
      return grant;
    },
  };
}

/** Follows redirects with cookies as long as they stay at the authorization server. */
async function browse(start: URL, origin: string): Promise<URL> {
  const cookies = new Map<string, string>();
  let url = start;
  for (let hops = 0; hops < 10; hops++) {
    const cookie = [...cookies].map(([name, value]) => `${name}=${value}`).join("; ");
    const response = await fetch(url, { redirect: "manual", headers: { cookie } });
    for (const line of response.headers.getSetCookie()) {
      const [, name = "", value = ""] = /^([^=]+)=([^;]*)/.exec(line) ?? [];
      cookies.set(name, value);
    }
    const location = response.headers.get("location");
    if (!location) throw new Error(`the sign-in ends at ${response.status}: ${await response.text()}`);
    url = new URL(location, url);
    if (url.origin !== origin) return url;
  }
  throw new Error("the sign-in never ends");
}
