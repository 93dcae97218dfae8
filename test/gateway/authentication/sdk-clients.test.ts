import { Client, StreamableHTTPClientTransport } from "@modelcontextprotocol/client";
import { Client as OlderClient } from "@modelcontextprotocol/sdk/client/index.js";
import { StreamableHTTPClientTransport as OlderTransport } from "@modelcontextprotocol/sdk/client/streamableHttp.js";
import { decodeJwt } from "jose";
import { afterAll, expect, test } from "vitest";
import { Fixture } from "../fixture.ts";
import { authorizationServer } from "./authorization-server.ts";
import { backendAndConsumers, freePort } from "./setup.ts";

const redirectUrl = "http://127.0.0.1:1/callback";
const fixture = new Fixture();
const server = await authorizationServer();
const port = await freePort();
const url = new URL(`http://127.0.0.1:${port}/mcp`);
const { servers, consumers } = await backendAndConsumers(fixture);
await fixture.gateway({
  listen: { host: "127.0.0.1", port },
  servers,
  consumers: consumers.filter(({ client }) => client === undefined),
  auth: "jwt",
  issuers: [{ issuer: server.issuer, audience: url.href }],
});
afterAll(async () => {
  await fixture.close();
  await server.stop();
});

/** What a desktop client keeps, and the address that it opens in a browser. */
function wallet() {
  const kept: { information?: never; tokens?: { access_token: string }; verifier?: string; opened?: URL } =
    {};
  const provider = {
    redirectUrl,
    clientMetadata: {
      client_name: "a desktop client",
      redirect_uris: [redirectUrl],
      grant_types: ["authorization_code"],
      token_endpoint_auth_method: "none",
    },
    clientInformation: () => kept.information,
    saveClientInformation: (information: unknown) => {
      kept.information = information as never;
    },
    tokens: () => kept.tokens as never,
    saveTokens: (tokens: { access_token: string }) => {
      kept.tokens = tokens;
    },
    redirectToAuthorization: (address: URL) => {
      kept.opened = address;
    },
    saveCodeVerifier: (verifier: string) => {
      kept.verifier = verifier;
    },
    codeVerifier: () => kept.verifier ?? "",
  };
  return { kept, provider };
}

const generations = {
  newer: (authProvider: object) => ({
    client: new Client(
      { name: "new", version: "1" },
      { versionNegotiation: { mode: { pin: "2026-07-28" } } },
    ),
    transport: () => new StreamableHTTPClientTransport(url, { authProvider: authProvider as never }),
  }),
  older: (authProvider: object) => ({
    client: new OlderClient({ name: "old", version: "1" }),
    transport: () => new OlderTransport(url, { authProvider: authProvider as never }),
  }),
};

test.each(["newer", "older"] as const)(
  "the %s official client gets a token by itself, and another for more",
  async (generation) => {
    const { kept, provider } = wallet();
    const { client, transport } = generations[generation](provider);
    /** The person signs in at the browser that was opened, and the client gets its code. */
    const signIn = async (with_: { finishAuth(code: string): Promise<void> }) => {
      const back = await server.browse(kept.opened ?? "");
      await with_.finishAuth(
        generation === "newer" ? (back.searchParams as never) : (back.searchParams.get("code") ?? ""),
      );
    };
    const first = transport();
    await expect(client.connect(first as never)).rejects.toThrow();
    expect(kept.opened?.searchParams.get("scope")).toBe("search write");
    expect(kept.opened?.searchParams.get("resource")).toBe(url.href);
    // A person, or the authorization server, grants less than was asked for.
    kept.opened?.searchParams.set("scope", "search");
    await signIn(first);
    expect(decodeJwt(kept.tokens?.access_token ?? "")).toMatchObject({
      sub: "alice",
      aud: url.href,
      scope: "search",
    });

    const second = transport();
    await client.connect(second as never);
    expect((await client.listTools()).tools.map(({ name }) => name)).toEqual(["raw__seen"]);
    await expect(client.callTool({ name: "raw__pid", arguments: {} })).rejects.toThrow();
    expect(kept.opened?.searchParams.get("scope")?.split(" ").toSorted()).toEqual(
      expect.arrayContaining(["search", "write"]),
    );
    await signIn(second);
    expect(JSON.stringify(await client.callTool({ name: "raw__pid", arguments: {} }))).toMatch(/\d+/);
    expect((await client.listTools()).tools.map(({ name }) => name).toSorted()).toEqual([
      "raw__pid",
      "raw__seen",
    ]);
    await client.close();
  },
);
