import { createHash, randomBytes } from "node:crypto";
import { createRemoteJWKSet, jwtVerify } from "jose";
import { afterAll, expect, test } from "vitest";
import { authorizationServer } from "./authorization-server.ts";
import { TOKEN_EXCHANGE } from "./token-exchange.ts";

const resource = "https://mcp.example.com/mcp";
const redirect = "http://127.0.0.1:1/callback";
const server = await authorizationServer({
  path: "/tenant",
  clients: [
    {
      client_id: "robot",
      client_secret: "robot-secret",
      grant_types: ["client_credentials", TOKEN_EXCHANGE.grantType],
      redirect_uris: [],
      response_types: [],
    },
    {
      client_id: "app",
      token_endpoint_auth_method: "none",
      grant_types: ["authorization_code", "refresh_token"],
      redirect_uris: [redirect],
    },
  ],
});
afterAll(() => server.stop());

const robot = { id: "robot", secret: "robot-secret" };
const verify = async (token: string) =>
  (await jwtVerify(token, createRemoteJWKSet(new URL(server.jwksUri)), { issuer: server.issuer })).payload;
const form = async (fields: Record<string, string>, headers = {}) => {
  const body = new URLSearchParams(fields);
  return (await (await fetch(server.tokenEndpoint, { method: "POST", body, headers })).json()) as Record<
    string,
    string
  >;
};

test("the test's authorization server gives tokens to programs, people and those who act for them", async () => {
  const own = await verify(await server.token(robot, { resource, scope: "search" }));
  expect(own).toMatchObject({ sub: "robot", aud: resource, scope: "search", client_id: "robot" });

  const verifier = randomBytes(32).toString("base64url");
  const authorize = new URL(`${server.issuer}/auth`);
  authorize.search = new URLSearchParams({
    client_id: "app",
    response_type: "code",
    redirect_uri: redirect,
    scope: "search write",
    resource,
    code_challenge: createHash("sha256").update(verifier).digest("base64url"),
    code_challenge_method: "S256",
  }).toString();
  const code = (await server.browse(authorize)).searchParams.get("code") ?? "";
  const tokens = await form({
    grant_type: "authorization_code",
    client_id: "app",
    code,
    redirect_uri: redirect,
    code_verifier: verifier,
    resource,
  });
  expect(await verify(tokens.access_token ?? "")).toMatchObject({
    sub: "alice",
    aud: resource,
    scope: "search write",
  });
  const refreshed = await form({
    grant_type: "refresh_token",
    client_id: "app",
    refresh_token: tokens.refresh_token ?? "",
    resource,
  });
  expect(await verify(refreshed.access_token ?? "")).toMatchObject({ sub: "alice" });

  const exchanged = await form(
    {
      grant_type: TOKEN_EXCHANGE.grantType,
      subject_token: tokens.access_token ?? "",
      subject_token_type: "urn:ietf:params:oauth:token-type:access_token",
      resource: "https://other.example.com/",
      scope: "search",
    },
    { authorization: `Basic ${btoa("robot:robot-secret")}` },
  );
  expect(await verify(exchanged.access_token ?? "")).toMatchObject({
    sub: "alice",
    aud: "https://other.example.com/",
    client_id: "robot",
    act: { sub: "robot" },
  });

  server.person.consents = false;
  expect((await server.browse(authorize)).searchParams.get("error")).toBe("access_denied");

  const metadata = await fetch(new URL("/.well-known/oauth-authorization-server/tenant", server.issuer));
  expect(await metadata.json()).toMatchObject({ issuer: server.issuer, jwks_uri: server.jwksUri });
  const before = await server.token(robot, { resource });
  await server.rotateKeys();
  await expect(verify(before)).rejects.toThrow();
});
