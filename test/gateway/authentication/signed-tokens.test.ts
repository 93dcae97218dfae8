import { generateKeyPair, SignJWT, UnsecuredJWT } from "jose";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { callMessage, Fixture, type Program, post, until } from "../fixture.ts";
import { authorizationServer } from "./authorization-server.ts";
import { backendAndConsumers, clients, robot } from "./setup.ts";

const resource = "https://mcp.example.com/team/mcp";
const metadataUrl = "https://mcp.example.com/.well-known/oauth-protected-resource/team/mcp";
const fixture = new Fixture();
const [first, second, stranger] = await Promise.all([
  authorizationServer({ clients: clients("http://127.0.0.1:1/"), path: "/tenant" }),
  authorizationServer(),
  authorizationServer(),
]);
let gateway: Program & { origin: string };

beforeAll(async () => {
  gateway = await fixture.gateway({
    ...(await backendAndConsumers(fixture)),
    auth: "jwt",
    publicUrl: resource,
    issuers: [
      { issuer: first.issuer, audience: resource },
      { issuer: second.issuer, audience: "https://mcp.example.com/old", jwksUri: second.jwksUri },
    ],
  });
});
afterAll(async () => {
  await fixture.close();
  await Promise.all([first, second, stranger].map((server) => server.stop()));
});

const bearer = (token: string) => ({ authorization: `Bearer ${token}` });
const call = (tool: string, token: string) =>
  post(gateway.origin, callMessage(`raw__${tool}`, {}, "the-id"), bearer(token));
const seconds = (offset = 0) => Math.floor(Date.now() / 1000) + offset;
const claims = (changed: Record<string, unknown> = {}) => ({
  iss: first.issuer,
  aud: resource,
  sub: "alice",
  client_id: "app",
  scope: "search",
  exp: seconds(60),
  ...changed,
});

describe("who a token is of", () => {
  test("a program's token from the authorization server is its consumer's", async () => {
    const answer = await call("seen", await first.token(robot, { resource, scope: "search" }));
    expect(answer.status).toBe(200);
    expect(await answer.text()).not.toMatch(/eyJ|authorization/i);
  });

  test("consumers that match add up, and no further", async () => {
    const token = await first.token(robot, { resource, scope: "search admin" });
    const statuses = async (given: string) => {
      const found: Record<string, number> = {};
      for (const tool of ["seen", "pid", "cancelled", "slow", "fail", "odd"])
        found[tool] = (await call(tool, given)).status;
      return found;
    };
    expect(await statuses(token)).toEqual({
      seen: 200,
      pid: 403,
      cancelled: 200,
      slow: 200,
      fail: 403,
      odd: 403,
    });
    const app = await first.sign(
      claims({ scope: undefined, scp: ["write", "admin"], client_id: undefined, azp: "app" }),
    );
    expect(await statuses(app)).toEqual({
      seen: 403,
      pid: 200,
      cancelled: 403,
      slow: 403,
      fail: 200,
      odd: 403,
    });
    const { tools } = await (await fixture.older(gateway.origin, app)).listTools();
    expect(tools.map(({ name }) => name).toSorted()).toEqual(["raw__fail", "raw__pid"]);
  });

  test("each call counts as the consumer that has the tool", async () => {
    await call("pid", await first.sign(claims({ scope: "search write" })));
    const metrics = await (await fetch(`${gateway.origin}/metrics`)).text();
    expect(metrics).toMatch(/tool_calls_total\{server="raw",tool="pid",consumer="writer",outcome="ok"\} \d/);
  });

  test("several issuers, each with its own audience", async () => {
    const old = { iss: second.issuer, aud: ["https://mcp.example.com/old", "https://elsewhere.example.com"] };
    expect((await call("seen", await second.sign(claims(old)))).status).toBe(200);
    expect((await call("seen", await second.sign(claims({ iss: second.issuer })))).status).toBe(401);
    // One issuer's key signs for no other.
    expect((await call("seen", await second.sign(claims()))).status).toBe(401);
  });
});

describe("a token that is not good is refused", () => {
  const forged = async () => (await generateKeyPair("ES256")).privateKey;
  const shared = new TextEncoder().encode("a secret that was in a public repository, long enough");
  const cases: [string, () => Promise<string>, RegExp][] = [
    ["expired", () => first.sign(claims({ exp: seconds(-60) })), /expired/],
    ["not valid yet", () => first.sign(claims({ nbf: seconds(600) })), /not valid/],
    ["without an end", () => first.sign(claims({ exp: undefined })), /not valid/],
    ["without a subject", () => first.sign(claims({ sub: undefined })), /not valid/],
    [
      "for another resource",
      () => first.sign(claims({ aud: "https://other.example.com" })),
      /another resource/,
    ],
    ["for nobody", () => first.sign(claims({ aud: undefined })), /another resource/],
    ["of an issuer that nobody declared", () => stranger.sign(claims({ iss: stranger.issuer })), /not valid/],
    [
      "of an issuer with a slash too many",
      () => first.sign(claims({ iss: `${first.issuer}/` })),
      /not valid/,
    ],
    ["without an issuer", () => first.sign(claims({ iss: undefined })), /not valid/],
    ["signed by somebody else", async () => first.sign(claims(), {}, await forged()), /not valid/],
    ["with a key that nobody knows", () => first.sign(claims(), { kid: "made-up" }), /not valid/],
    ["of another kind", () => first.sign(claims(), { typ: "logout+jwt" }), /not valid/],
    ["bound to a key of its holder", () => first.sign(claims({ cnf: { jkt: "x" } })), /not valid/],
    ["without a signature", async () => new UnsecuredJWT(claims()).encode(), /not valid/],
    [
      "signed by a shared secret",
      () => new SignJWT(claims()).setProtectedHeader({ alg: "HS256" }).sign(shared),
      /not valid/,
    ],
    ["no JWT", async () => "agent-token", /not valid/],
    ["nearly a JWT", async () => "e30.e30.e30", /not valid/],
  ];
  test.each(cases)("%s", async (_what, make, reason) => {
    const answer = await call("seen", await make());
    expect(answer.status).toBe(401);
    const header = answer.headers.get("www-authenticate") ?? "";
    expect(header).toContain('error="invalid_token"');
    expect(header).toContain(`resource_metadata="${metadataUrl}"`);
    expect(header).toMatch(reason);
  });

  test("clocks may differ a little, and a token may be of any kind that means access", async () => {
    for (const typ of ["JWT", "application/at+jwt", undefined]) {
      expect((await call("seen", await first.sign(claims({ exp: seconds(-2) }), { typ }))).status).toBe(200);
    }
  });

  test("nothing that a token says makes the gateway ask anybody", async () => {
    expect(stranger.requests).toEqual([]);
  });
});

describe("what clients are told", () => {
  test("who gives tokens, for what, with which scopes", async () => {
    const expected = {
      resource,
      resource_name: "edge",
      authorization_servers: [first.issuer, second.issuer],
      scopes_supported: ["search", "write", "admin"],
      bearer_methods_supported: ["header"],
    };
    for (const suffix of ["", "/mcp", "/team/mcp"]) {
      const url = `${gateway.origin}/.well-known/oauth-protected-resource${suffix}`;
      const answer = await fetch(url, { headers: { origin: "https://console.example.com" } });
      expect(await answer.json()).toEqual(expected);
      expect(answer.headers.get("access-control-allow-origin")).toBe("https://console.example.com");
      const preflight = await fetch(url, {
        method: "OPTIONS",
        headers: {
          origin: "https://console.example.com",
          "access-control-request-headers": "mcp-protocol-version",
        },
      });
      expect(preflight.status).toBe(204);
      expect(preflight.headers.get("access-control-allow-headers")).toContain("mcp-protocol-version");
    }
  });

  test("401 to those without a token: where to get one, for which scopes", async () => {
    const answer = await post(gateway.origin, callMessage("raw__seen"));
    expect(answer.status).toBe(401);
    expect(answer.headers.get("www-authenticate")).toBe(
      `Bearer realm="edge", scope="search write admin", resource_metadata="${metadataUrl}"`,
    );
  });

  test("403 that names the scope which is missing, beside those that there are", async () => {
    const answer = await call("pid", await first.sign(claims()));
    expect(answer.status).toBe(403);
    const header = answer.headers.get("www-authenticate") ?? "";
    expect(header).toContain('error="insufficient_scope"');
    expect(header).toContain('scope="search write"');
    expect(header).toContain(`resource_metadata="${metadataUrl}"`);
    expect(await answer.json()).toMatchObject({
      id: "the-id",
      error: { message: expect.stringContaining("Not granted") },
    });
  });

  test("403 without a challenge where no scope would help", async () => {
    for (const tool of ["slow", "odd", "none-such"]) {
      const answer = await call(tool, await first.sign(claims()));
      expect([answer.status, answer.headers.get("www-authenticate")]).toEqual([403, null]);
    }
  });

  test("403 to a good token of nobody, with what would make it somebody's", async () => {
    const answer = await call("seen", await first.sign(claims({ scope: "unheard-of" })));
    expect([answer.status, answer.headers.get("www-authenticate")]).toEqual([
      403,
      expect.stringContaining('scope="search write admin"'),
    ]);
    expect(await answer.text()).toContain("no consumer is declared");
  });
});

describe("the issuer's keys", () => {
  test("are fetched once for many tokens, and found by any kind of metadata", async () => {
    const server = await authorizationServer({ path: "/a/b" });
    for (const hidden of [
      [],
      ["/.well-known/oauth-authorization-server/a/b"],
      ["/.well-known/oauth-authorization-server/a/b", "/.well-known/openid-configuration/a/b"],
    ]) {
      server.hidden.clear();
      for (const path of hidden) server.hidden.add(path);
      server.requests.length = 0;
      const own = await gatewayFor(server.issuer);
      const tokens = await Promise.all(
        Array.from({ length: 20 }, (_, index) =>
          server.sign(claims({ iss: server.issuer, sub: `person-${index}` })),
        ),
      );
      const answers = await Promise.all(tokens.map((token) => callAt(own.origin, token)));
      expect(answers.map(({ status }) => status)).toEqual(tokens.map(() => 200));
      expect(server.requests.filter((each) => each === "GET /a/b/jwks")).toHaveLength(1);
    }
    await server.stop();
  });

  test("serve on while the issuer is down; without any, the answer is 503 and not that the token is bad", async () => {
    const server = await authorizationServer();
    const token = (sub: string) => server.sign(claims({ iss: server.issuer, sub }));
    const warm = await gatewayFor(server.issuer);
    expect((await callAt(warm.origin, await token("alice"))).status).toBe(200);
    await server.stop();
    expect((await callAt(warm.origin, await token("bob"))).status).toBe(200);
    const cold = await gatewayFor(server.issuer);
    const refused = await callAt(cold.origin, await token("alice"));
    expect([
      refused.status,
      refused.headers.get("retry-after"),
      refused.headers.get("www-authenticate"),
    ]).toEqual([503, "5", null]);
    expect(cold.stdout()).toContain("keys can't be fetched");
    await server.start();
    await until(async () => (await callAt(cold.origin, await token("alice"))).status === 200);
    await server.stop();
  });

  test("are not taken from metadata of another issuer, nor over plain HTTP from elsewhere", async () => {
    const server = await authorizationServer();
    const impostor = `http://localhost:${new URL(server.issuer).port}`;
    const own = await gatewayFor(impostor);
    expect((await callAt(own.origin, await server.sign(claims({ iss: impostor })))).status).toBe(503);
    expect(own.stdout()).toContain("about another issuer");
    await server.stop();
  });

  async function gatewayFor(issuer: string) {
    return fixture.gateway({
      ...(await backendAndConsumers(fixture)),
      auth: "jwt",
      publicUrl: resource,
      issuers: [{ issuer, audience: resource }],
    });
  }
  const callAt = (origin: string, token: string) => post(origin, callMessage("raw__seen"), bearer(token));
});

test("no token is in any log", () => {
  expect(gateway.stdout() + gateway.stderr()).not.toMatch(/eyJ/);
});
