import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { type AuthorizationServer, authorizationServer } from "../authentication/authorization-server.ts";
import { callMessage, consumer, Fixture, post, type RpcAnswer, rpc, tools, until } from "../fixture.ts";
import { type ProtectedServer, protectedServer } from "./protected-server.ts";

const SECRETS = { OUT_SECRET: "out-secret" };
const GATEWAY = "https://gateway.example.com/mcp";

let fixture: Fixture;
let issuer: AuthorizationServer;
let server: ProtectedServer;

const call = (origin: string, token: string, name = "vault__whoami"): Promise<RpcAnswer> =>
  rpc(post(origin, callMessage(name), { authorization: `Bearer ${token}` }));

const said = (answer: RpcAnswer) => JSON.parse(answer.result?.content?.[0]?.text ?? "{}");

beforeAll(async () => {
  issuer = await authorizationServer({
    clients: [
      {
        client_id: "gateway-out",
        client_secret: "out-secret",
        grant_types: ["client_credentials", "urn:ietf:params:oauth:grant-type:token-exchange"],
        redirect_uris: [],
        response_types: [],
      },
      {
        client_id: "agent",
        client_secret: "agent-secret",
        grant_types: ["client_credentials"],
        redirect_uris: [],
        response_types: [],
      },
    ],
  });
});

beforeEach(async () => {
  fixture = new Fixture();
  issuer.tokenSeconds = 600;
  server = await protectedServer(issuer);
  return async () => {
    await fixture.close();
    await server.close();
  };
});

afterAll(() => issuer.stop());

const outbound = (kind: "client_credentials" | "token_exchange", changes: object = {}) => ({
  name: "vault",
  url: server.url,
  timeoutMs: 5000,
  credentials: {
    kind,
    issuer: issuer.issuer,
    clientId: "gateway-out",
    clientSecretEnv: "OUT_SECRET",
    scopes: ["search"],
    resource: server.url,
    ...changes,
  },
});

const tokenRequests = () => issuer.requests.filter((request) => request === "POST /token").length;

describe("client credentials", () => {
  const gateway = (changes: object = {}, env: NodeJS.ProcessEnv = SECRETS) =>
    fixture.gateway(
      {
        servers: [outbound("client_credentials", changes)],
        consumers: [consumer("agent", { tools: tools("vault") })],
      },
      env,
    );

  it("reaches a server that wants a token with one of the gateway's own, had once", async () => {
    const before = tokenRequests();
    const { origin } = await gateway();
    const answers = await Promise.all([1, 2, 3].map(() => call(origin, "agent-token")));
    expect(answers.map((answer) => said(answer).tool)).toEqual(["whoami", "whoami", "whoami"]);
    expect(tokenRequests() - before).toBe(1);
    expect(server.calls[0]?.claims).toMatchObject({
      aud: server.url,
      client_id: "gateway-out",
      scope: "search",
    });
    expect(JSON.stringify(server.headers)).not.toContain("agent-token");
  });

  it("fetches another token before the old one ends", async () => {
    issuer.tokenSeconds = 2;
    const { origin } = await gateway();
    const before = tokenRequests();
    const tokens = new Set<string>();
    await until(async () => {
      expect((await call(origin, "agent-token")).result).toBeDefined();
      for (const token of server.tokens()) tokens.add(token);
      return tokens.size === 3;
    });
    expect(tokenRequests() - before).toBeLessThanOrEqual(4);
  });

  it("does a refused call once more with a new token", async () => {
    const { origin } = await gateway();
    await call(origin, "agent-token");
    for (const token of server.tokens()) server.revoked.add(token);
    expect(said(await call(origin, "agent-token")).tool).toBe("whoami");
    expect(server.calls).toHaveLength(2);
  });

  it("says what is wrong when no token is to be had, and no secret with it", async () => {
    const program = await gateway({}, { OUT_SECRET: "wrong-secret" });
    const answer = await call(program.origin, "agent-token");
    expect(answer.error?.message).toBe(
      `Server "vault" was not asked: no token for it, since the authorization server ${issuer.issuer} does not know this client, or its secret is another one`,
    );
    expect(server.headers).toEqual([]);
    expect(program.stdout() + JSON.stringify(answer)).not.toContain("wrong-secret");
  });

  it("recovers when the authorization server comes back", async () => {
    await issuer.stop();
    const { origin } = await gateway();
    const answer = await call(origin, "agent-token");
    expect(answer.error).toMatchObject({ data: { outcome: "unavailable", sent: false } });
    expect(answer.error?.message).toContain("nothing listens there");
    await issuer.start();
    expect(said(await call(origin, "agent-token")).tool).toBe("whoami");
  });

  it("asks for no more than was declared", async () => {
    server.scope = "admin";
    const { origin } = await gateway();
    const answer = await call(origin, "agent-token");
    expect(answer.error?.message).toBe(
      'Server "vault" wants the scope admin, which its credentials don\'t ask for',
    );
  });
});

describe("token exchange", () => {
  const gateway = (config: object = {}) =>
    fixture.gateway(
      {
        auth: "jwt",
        publicUrl: GATEWAY,
        issuers: [{ issuer: issuer.issuer, audience: GATEWAY }],
        servers: [outbound("token_exchange")],
        consumers: [{ name: "people", scope: "search", tools: tools("vault"), prompts: [], resources: [] }],
        ...config,
      },
      SECRETS,
    );

  const tokenOf = (sub: string, claims: object = {}) => {
    const exp = Math.floor(Date.now() / 1000) + 600;
    return issuer.sign({ iss: issuer.issuer, aud: GATEWAY, sub, scope: "search", exp, ...claims });
  };

  it("asks the server as the caller, with a token for the server, and never with the caller's", async () => {
    const { origin } = await gateway();
    const [alice, bob] = [await tokenOf("alice"), await tokenOf("bob")];
    expect(said(await call(origin, alice)).sub).toBe("alice");
    expect(said(await call(origin, bob)).sub).toBe("bob");
    expect(said(await call(origin, alice)).sub).toBe("alice");
    expect(server.calls[0]?.claims).toMatchObject({ aud: server.url, act: { sub: "gateway-out" } });
    expect(server.tokens()).toHaveLength(2);
    expect(JSON.stringify(server.headers)).not.toContain(alice);
  });

  it("exchanges another token of the same person anew", async () => {
    const { origin } = await gateway();
    const before = tokenRequests();
    for (const jti of ["1", "2", "1"]) await call(origin, await tokenOf("alice", { jti, exp: 4e9 }));
    expect(tokenRequests() - before).toBe(3);
  });

  it("opens a session for each, and nobody is in another's", async () => {
    const older = await protectedServer(issuer, { sessions: true });
    const vault = { ...outbound("token_exchange", { resource: older.url }), url: older.url };
    const { origin } = await gateway({ servers: [vault] });
    const [alice, bob] = [await tokenOf("alice"), await tokenOf("bob")];
    const found = await Promise.all(
      [alice, bob, alice, bob].map(async (token) => said(await call(origin, token))),
    );
    expect(found.map(({ sub }) => sub)).toEqual(["alice", "bob", "alice", "bob"]);
    expect(new Set(older.calls.map(({ session }) => session)).size).toBe(2);
    expect([...older.sessions.values()].sort()).toEqual(["alice", "bob"]);
    await older.close();
  });

  it("is up when all that it says without a caller is that it wants a token", async () => {
    const { origin } = await gateway();
    const health = await (await fetch(`${origin}/health`)).json();
    expect(health).toMatchObject({ status: "ok", servers: { vault: { status: "up" } } });
  });

  it("tells a caller without a signed token why it can't be served", async () => {
    const { origin } = await gateway({
      auth: "tokens",
      consumers: [consumer("agent", { tools: tools("vault") })],
    });
    const answer = await call(origin, "agent-token");
    expect(answer.error?.message).toBe(
      'Server "vault" is asked in the caller\'s name, and this caller has no signed token to show for it',
    );
    expect(server.tokens()).toEqual([]);
  });
});
