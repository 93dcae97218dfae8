import { afterAll, expect, test } from "vitest";
import { readConfig } from "../../../gateway/config-file.ts";
import { type Config, Fixture, gatewayConfig } from "../fixture.ts";

const fixture = new Fixture();
afterAll(() => fixture.close());

const nobody = { name: "agent", tools: [], prompts: [], resources: [] };
const issuer = { issuer: "https://login.example.com", audience: "https://mcp.example.com/mcp" };

test.each<[string, Partial<Config>, RegExp]>([
  ["no issuer", { consumers: [{ ...nobody, scope: "search" }] }, /issuers: is empty, so nobody could call/],
  [
    "a consumer that no token can be of",
    { issuers: [issuer], consumers: [nobody] },
    /consumers\[0\]: has neither scope nor client/,
  ],
  [
    "keys by plain HTTP",
    { issuers: [{ ...issuer, jwksUri: "http://login.example.com/keys" }] },
    /issuers\[0\]\.jwksUri: .*in the clear; use https/,
  ],
  [
    "an issuer by plain HTTP",
    { issuers: [{ ...issuer, issuer: "http://login.example.com" }] },
    /issuers\[0\]\.issuer: .*in the clear; use https/,
  ],
])("signed tokens with %s are refused at the start", (_what, config, fault) => {
  const file = fixture.file(gatewayConfig({ auth: "jwt", ...config }));
  expect(() => readConfig(file, {})).toThrow(fault);
});
