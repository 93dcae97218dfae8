import { jwtVerify } from "jose";
import { expect, test } from "vitest";
import { IssuerKeys, KeysUnavailable } from "../../../gateway/authentication/issuer-keys.ts";
import { metadataUrls } from "../../../gateway/authentication/issuer-metadata.ts";
import { until } from "../fixture.ts";
import { authorizationServer } from "./authorization-server.ts";

test.each([
  [
    "https://login.example.com",
    [
      "https://login.example.com/.well-known/oauth-authorization-server",
      "https://login.example.com/.well-known/openid-configuration",
    ],
  ],
  [
    "https://login.example.com/tenant/",
    [
      "https://login.example.com/.well-known/oauth-authorization-server/tenant",
      "https://login.example.com/.well-known/openid-configuration/tenant",
      "https://login.example.com/tenant/.well-known/openid-configuration",
    ],
  ],
])("where the metadata of %s may be", (issuer, urls) => expect(metadataUrls(issuer)).toEqual(urls));

test("a rotated key is found after a moment, and made-up ones cost one fetch", async () => {
  const server = await authorizationServer();
  const keys = new IssuerKeys(server, { times: { cooldown: 300 } });
  const check = (token: string) => jwtVerify(token, keys.keyOf);
  await check(await server.sign({}));
  await server.rotateKeys();
  const rotated = await server.sign({});
  await until(() => check(rotated));
  const fetches = () => server.requests.filter((each) => each === "GET /jwks").length;
  const before = fetches();
  const flood = Array.from({ length: 50 }, (_, index) => server.sign({}, { kid: `made-up-${index}` }));
  for (const token of await Promise.all(flood))
    await expect(check(token)).rejects.toThrow("no applicable key");
  expect(fetches() - before).toBeLessThanOrEqual(1);
  await server.stop();
});

test("known keys serve for a while without their issuer, and not for ever", async () => {
  const server = await authorizationServer();
  const told: (string | undefined)[] = [];
  const keys = new IssuerKeys(server, {
    times: { fresh: 0, stale: 1000, cooldown: 0, retry: 20 },
    onChange: (failure) => told.push(failure),
  });
  const token = await server.sign({});
  const check = () => jwtVerify(token, keys.keyOf);
  await check();
  await server.stop();
  await check();
  await until(() => told.length > 0);
  await check();
  await until(() =>
    check().then(
      () => false,
      (error) => error instanceof KeysUnavailable,
    ),
  );
  await server.start();
  await until(check);
  expect(told.map((failure) => failure === undefined)).toEqual([false, true]);
  await server.stop();
});

test.each(["http://login.example.com/keys", "file:///etc/passwd", "http://169.254.169.254/latest/meta-data"])(
  "%s is nowhere that keys come from",
  async (jwksUri) => {
    const keys = new IssuerKeys({ issuer: "https://login.example.com", jwksUri });
    const header = { alg: "ES256" };
    const unavailable = keys.keyOf(header, { payload: "", signature: "" });
    await expect(unavailable).rejects.toThrow("is not https");
  },
);
