import { join } from "node:path";
import { type AuthorizationServer, authorizationServer } from "../authentication/authorization-server.ts";
import { type Config, callMessage, Fixture, type Program, post, type RpcAnswer, tools } from "../fixture.ts";
import { type ProtectedServer, protectedServer } from "./protected-server.ts";

/** What callers' tokens are for. */
export const AUDIENCE = "https://gateway.example.com/mcp";

/** The environment of a gateway that keeps people's tokens. */
export const ENV = { USER_TOKENS_KEY: "a key of more than thirty-two characters", HUB_SECRET: "hub-secret" };

/** A company with its own sign-in, and a hosted MCP server with an authorization server of its own. */
export interface Hosted {
  fixture: Fixture;
  /** Signs callers' tokens, and knows who sits at a browser. */
  company: AuthorizationServer;
  /** Lets people give their consent. */
  hub: AuthorizationServer;
  server: ProtectedServer;
  /** Where tokens are kept. */
  directory: string;
  /** What a gateway is configured with. */
  config: Partial<Config>;
  gateway(config?: Partial<Config>, env?: NodeJS.ProcessEnv): Promise<Program & { origin: string }>;
  /** A caller's token of the company's. */
  tokenOf(person: string): Promise<string>;
  close(): Promise<void>;
}

/** Starts everything but the gateway; a loopback redirect of a native application may have any port (RFC 8252). */
export async function hosted(options: { sessions?: boolean } = {}): Promise<Hosted> {
  const redirectUri = "http://127.0.0.1/oauth/callback";
  const client = {
    application_type: "native" as const,
    grant_types: ["authorization_code", "refresh_token"],
    response_types: ["code" as const],
  };
  const company = await authorizationServer({
    clients: [
      {
        ...client,
        redirect_uris: [redirectUri],
        client_id: "gateway-login",
        token_endpoint_auth_method: "none",
      },
    ],
  });
  const hub = await authorizationServer({
    path: "/hub",
    clients: [
      {
        ...client,
        redirect_uris: [`${redirectUri}/hub`],
        client_id: "gateway-at-hub",
        client_secret: ENV.HUB_SECRET,
      },
    ],
  });
  const server = await protectedServer(hub, options);
  const fixture = new Fixture();
  const directory = join(fixture.directory, "tokens");
  const whole = configOf(company, hub, server, directory);
  return {
    fixture,
    config: whole,
    company,
    hub,
    server,
    directory,
    gateway: (config = {}, env = ENV) => fixture.gateway({ ...whole, ...config }, env),
    tokenOf(person) {
      const exp = Math.floor(Date.now() / 1000) + 600;
      return company.sign({ iss: company.issuer, aud: AUDIENCE, sub: person, scope: "search", exp });
    },
    async close() {
      await fixture.close();
      await Promise.all([company.stop(), hub.stop(), server.close()]);
    },
  };
}

function configOf(
  company: AuthorizationServer,
  hub: AuthorizationServer,
  { url }: ProtectedServer,
  directory: string,
): Partial<Config> {
  const client = { issuer: hub.issuer, clientId: "gateway-at-hub", clientSecretEnv: "HUB_SECRET" };
  const credentials = { kind: "per_user" as const, ...client, scopes: ["search"], resource: url };
  return {
    auth: "jwt",
    issuers: [{ issuer: company.issuer, audience: AUDIENCE }],
    login: { clientId: "gateway-login" },
    userTokens: { directory, keyEnv: "USER_TOKENS_KEY" },
    servers: [{ name: "hub", url, timeoutMs: 5000, credentials }],
    consumers: [{ name: "people", scope: "search", tools: tools("hub"), prompts: [], resources: [] }],
  };
}

/** One plain call of the older era, and its answer. */
export async function call(origin: string, token: string, name = "hub__whoami"): Promise<RpcAnswer> {
  const response = await post(origin, callMessage(name), { authorization: `Bearer ${token}` });
  return (await response.json()) as RpcAnswer;
}

/** The page that an answer of the older era leads to. */
export function pageIn(answer: RpcAnswer): string {
  const { data } = (answer.error ?? {}) as { data?: { elicitations?: { url: string }[] } };
  return data?.elicitations?.[0]?.url ?? "";
}

/** What the protected server said to a call. */
export function said(answer: object): { sub?: string; session?: string } {
  const { result } = answer as RpcAnswer;
  return JSON.parse(result?.content?.[0]?.text ?? "{}");
}
