import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { Client, StreamableHTTPClientTransport } from "@modelcontextprotocol/client";
import { Client as OlderClient } from "@modelcontextprotocol/sdk/client/index.js";
import { StreamableHTTPClientTransport as OlderTransport } from "@modelcontextprotocol/sdk/client/streamableHttp.js";
import { ElicitRequestSchema } from "@modelcontextprotocol/sdk/types.js";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { post } from "../fixture.ts";
import { Browser } from "./browser.ts";
import { call, ENV, type Hosted, hosted, pageIn, said } from "./hosted.ts";

let world: Hosted;
let alice: string;

beforeEach(async () => {
  world = await hosted();
  world.hub.person = { name: "alice-at-hub", consents: true };
  alice = await world.tokenOf("alice");
});

afterEach(() => world.close());

/** Alice calls, opens the page, and has consented. */
async function connect(origin: string, token = alice): Promise<void> {
  const { status, text } = await new Browser().open(pageIn(await call(origin, token)));
  expect({ status, text }).toMatchObject({ status: 200, text: expect.stringContaining("Connected") });
}

/** The one file with tokens. */
const keptFile = () => join(world.directory, readdirSync(world.directory)[0] ?? "");

describe("a client of 2026-07-28", () => {
  it("shows its person the page, and its call is done when that person has consented", async () => {
    const { origin, stdout } = await world.gateway();
    const browser = new Browser();
    const client = new Client(
      { name: "new", version: "1" },
      { capabilities: { elicitation: { url: {} } }, versionNegotiation: { mode: { pin: "2026-07-28" } } },
    );
    const asked: unknown[] = [];
    client.setRequestHandler("elicitation/create", async ({ params }) => {
      asked.push(params);
      // The page is open; the person takes their time.
      if (params.mode === "url") void browser.open(params.url);
      return { action: "accept" };
    });
    const headers = { authorization: `Bearer ${alice}` };
    await client.connect(
      new StreamableHTTPClientTransport(new URL(`${origin}/mcp`), { requestInit: { headers } }),
    );
    const result = await client.callTool({ name: "hub__whoami", arguments: {} });
    expect(said({ result }).sub).toBe("alice-at-hub");
    expect(asked).toMatchObject([
      { mode: "url", url: expect.stringContaining(`${origin}/connect/hub?ticket=`) },
    ]);
    await client.close();
    // The token is the server's own kind, for the server alone; nothing of the caller's got there.
    expect(world.server.calls[0]?.claims).toMatchObject({
      aud: world.server.url,
      client_id: "gateway-at-hub",
    });
    expect(JSON.stringify(world.server.headers)).not.toContain(alice);
    expect(Object.keys(world.server.calls[0]?.params ?? {}).sort()).toEqual(["_meta", "arguments", "name"]);
    // Nobody on the way sees a token: not in addresses, logs or the kept file.
    const [token = ""] = world.server.tokens();
    const addresses = browser.visited.map(String).join();
    const kept = readFileSync(keptFile(), "latin1");
    for (const text of [addresses, stdout(), kept]) {
      expect(text).not.toContain(token);
      expect(text).not.toContain("alice");
    }
  });

  it("that can't show pages gets the page in the error, and what it lacks", async () => {
    const { origin } = await world.gateway();
    const meta = {
      "io.modelcontextprotocol/protocolVersion": "2026-07-28",
      "io.modelcontextprotocol/clientInfo": { name: "new", version: "1" },
      "io.modelcontextprotocol/clientCapabilities": {},
    };
    const response = await post(
      origin,
      {
        jsonrpc: "2.0",
        id: 1,
        method: "tools/call",
        params: { name: "hub__whoami", arguments: {}, _meta: meta },
      },
      {
        authorization: `Bearer ${alice}`,
        "mcp-protocol-version": "2026-07-28",
        "mcp-method": "tools/call",
        "mcp-name": "hub__whoami",
      },
    );
    expect(response.status).toBe(400);
    expect(await response.json()).toMatchObject({
      error: {
        code: -32021,
        message: expect.stringContaining(`${origin}/connect/hub?ticket=`),
        data: { requiredCapabilities: { elicitation: { url: {} } } },
      },
    });
  });

  it("is told when its person did not want to", async () => {
    const { origin } = await world.gateway();
    const client = new Client(
      { name: "new", version: "1" },
      { capabilities: { elicitation: { url: {} } }, versionNegotiation: { mode: { pin: "2026-07-28" } } },
    );
    client.setRequestHandler("elicitation/create", () => ({ action: "decline" }));
    const headers = { authorization: `Bearer ${alice}` };
    await client.connect(
      new StreamableHTTPClientTransport(new URL(`${origin}/mcp`), { requestInit: { headers } }),
    );
    await expect(client.callTool({ name: "hub__whoami", arguments: {} })).rejects.toThrow(
      'Server "hub" was not asked: the person did not open the page',
    );
    await client.close();
  });
});

describe("an older client", () => {
  it("is told by the error that was made for this, and calls again after consent", async () => {
    const { origin } = await world.gateway();
    const first = await call(origin, alice);
    expect(first.error).toMatchObject({
      code: -32042,
      data: { elicitations: [{ mode: "url", elicitationId: expect.any(String) }] },
    });
    expect((await new Browser().open(pageIn(first))).status).toBe(200);
    expect(said(await call(origin, alice)).sub).toBe("alice-at-hub");
  });

  it("with a session is asked while its call is under way", async () => {
    const { origin } = await world.gateway();
    const client = new OlderClient(
      { name: "old", version: "1" },
      { capabilities: { elicitation: { url: {} } } },
    );
    client.setRequestHandler(ElicitRequestSchema, async ({ params }) => {
      if (params.mode === "url") void new Browser().open(params.url);
      return { action: "accept" };
    });
    const headers = { authorization: `Bearer ${alice}` };
    await client.connect(new OlderTransport(new URL(`${origin}/mcp`), { requestInit: { headers } }));
    const result = await client.callTool({ name: "hub__whoami", arguments: {} });
    expect(said({ result }).sub).toBe("alice-at-hub");
    await client.close();
  });
});

describe("before and after consent", () => {
  it("a list says whose tools are missing and where to consent, and is whole afterwards", async () => {
    const { origin } = await world.gateway();
    const client = await world.fixture.modern(origin, alice);
    expect(client.getInstructions()).toContain(`${origin}/connect/hub`);
    const before = await client.listTools();
    expect(before.tools).toEqual([]);
    expect(before._meta?.["mcp-infra.dev/unavailable"]).toMatchObject([
      { server: "hub", reason: expect.stringContaining("waits for the person's authorization") },
    ]);
    const changed = new Promise<void>((resolve) => {
      client.setNotificationHandler("notifications/tools/list_changed", () => resolve());
    });
    await client.listen({ toolsListChanged: true });
    // The address in the instructions is everybody's: whoever signs in there connects for themselves.
    expect((await new Browser().open(`${origin}/connect/hub`)).status).toBe(200);
    await changed;
    expect((await client.listTools()).tools.map(({ name }) => name)).toEqual(["hub__whoami"]);
  });

  it("two people have two tokens", async () => {
    const { origin } = await world.gateway();
    await connect(origin);
    const bob = await world.tokenOf("bob");
    expect(pageIn(await call(origin, bob))).not.toBe("");
    world.company.person.name = "bob";
    world.hub.person.name = "bob-at-hub";
    await connect(origin, bob);
    expect(said(await call(origin, bob)).sub).toBe("bob-at-hub");
    expect(said(await call(origin, alice)).sub).toBe("alice-at-hub");
  });

  it("two people have two sessions with a server that keeps sessions", async () => {
    await world.close();
    world = await hosted({ sessions: true });
    alice = await world.tokenOf("alice");
    const bob = await world.tokenOf("bob");
    const { origin } = await world.gateway();
    await connect(origin);
    world.company.person.name = "bob";
    world.hub.person.name = "bob-at-hub";
    await connect(origin, bob);
    const found = await Promise.all(
      [alice, bob, alice, bob].map(async (token) => said(await call(origin, token))),
    );
    expect(new Set(found.map(({ session }) => session)).size).toBe(2);
    expect(found[0]?.session).toBe(found[2]?.session);
    expect([...world.server.sessions.values()].sort()).toEqual(["alice", "bob-at-hub"]);
  });
});

describe("at the browser", () => {
  it("a link that somebody else opens connects nobody", async () => {
    const { origin } = await world.gateway();
    const page = pageIn(await call(origin, alice));
    world.company.person.name = "mallory";
    const seen = await new Browser().open(page);
    expect(seen).toMatchObject({ status: 403, text: expect.stringContaining("This link is not for you") });
    expect(world.hub.requests.filter((request) => request.endsWith("/auth"))).toEqual([]);
    expect(pageIn(await call(origin, alice))).not.toBe("");
  });

  it("a way back works once, and in the browser alone that went there", async () => {
    const { origin } = await world.gateway();
    const isConsent = (url: URL) =>
      url.pathname === "/oauth/callback/hub" && url.searchParams.get("iss") === world.hub.issuer;
    const browser = new Browser();
    const back = await browser.open(pageIn(await call(origin, alice)), isConsent);
    const elsewhere = await new Browser().open(back.url);
    expect(elsewhere).toMatchObject({
      status: 400,
      text: expect.stringContaining("begun in another browser"),
    });
    expect((await browser.open(back.url)).status).toBe(200);
    expect((await browser.open(back.url)).status).toBe(400);
  });

  it("a way back from another authorization server than the one it was sent to is refused", async () => {
    const { origin } = await world.gateway();
    const browser = new Browser();
    const isConsent = (url: URL) => url.searchParams.get("iss") === world.hub.issuer;
    const { url } = await browser.open(pageIn(await call(origin, alice)), isConsent);
    url.searchParams.set("iss", world.company.issuer);
    expect((await browser.open(url)).status).toBe(502);
    expect(pageIn(await call(origin, alice))).not.toBe("");
  });

  it("a way back by the address of another one is refused", async () => {
    const { origin } = await world.gateway();
    const browser = new Browser();
    const isConsent = (url: URL) => url.pathname === "/oauth/callback/hub";
    const { url } = await browser.open(pageIn(await call(origin, alice)), isConsent);
    url.pathname = "/oauth/callback";
    expect((await browser.open(url)).status).toBe(400);
    expect(pageIn(await call(origin, alice))).not.toBe("");
  });

  it.each(["?ticket=", "?ticket=made-up", "?ticket=AAAA"])("a link with %s leads nowhere", async (query) => {
    const { origin } = await world.gateway();
    const seen = await new Browser().open(`${origin}/connect/hub${query}`);
    expect(seen).toMatchObject({ status: 400, text: expect.stringContaining("no longer good") });
  });

  it("a person who says no is told so, and is asked again with the next call", async () => {
    const { origin } = await world.gateway();
    world.hub.person.consents = false;
    const seen = await new Browser().open(pageIn(await call(origin, alice)));
    expect(seen).toMatchObject({ status: 502, text: expect.stringContaining("consent was refused") });
    expect(pageIn(await call(origin, alice))).not.toBe("");
  });

  it("pages load nothing, are framed nowhere and tell no address on; cookies are kept from scripts", async () => {
    const { origin } = await world.gateway();
    const browser = new Browser();
    const { headers } = await browser.open(pageIn(await call(origin, alice)));
    expect(headers.get("content-security-policy")).toContain("frame-ancestors 'none'");
    expect(headers.get("referrer-policy")).toBe("no-referrer");
    expect(headers.get("cache-control")).toBe("no-store");
    const ours = browser.setCookies.filter((cookie) => cookie.includes("mcp-connect"));
    expect(ours).toHaveLength(4);
    for (const cookie of ours) expect(cookie).toMatch(/; Path=\/; Max-Age=\d+; HttpOnly; SameSite=Lax$/);
    const sentTo = browser.visited
      .map(({ searchParams }) => searchParams.get("redirect_uri"))
      .filter(Boolean);
    expect(new Set(sentTo)).toEqual(new Set([`${origin}/oauth/callback`, `${origin}/oauth/callback/hub`]));
  });
});

describe("kept tokens", () => {
  it("outlive the gateway", async () => {
    const first = await world.gateway();
    await connect(first.origin);
    first.signal("SIGTERM");
    await first.exit;
    const { origin } = await world.gateway();
    expect(said(await call(origin, alice)).sub).toBe("alice-at-hub");
  });

  it.each<[string, (kept: Buffer) => Buffer]>([
    ["were damaged", (kept) => Buffer.concat([kept, Buffer.of(0)])],
    ["were cut short", (kept) => kept.subarray(0, 10)],
  ])("that %s count as none, and are warned of", async (_how, harm) => {
    const first = await world.gateway();
    await connect(first.origin);
    first.signal("SIGKILL");
    await first.exit;
    writeFileSync(keptFile(), harm(readFileSync(keptFile())));
    const { origin, stdout } = await world.gateway();
    expect(pageIn(await call(origin, alice))).not.toBe("");
    expect(stdout()).toContain("kept tokens can't be read");
    await connect(origin);
    expect(said(await call(origin, alice)).sub).toBe("alice-at-hub");
  });

  it("of another key are not even found", async () => {
    const first = await world.gateway();
    await connect(first.origin);
    const key = "another key of more than thirty-two characters";
    const { origin } = await world.gateway({}, { ...ENV, USER_TOKENS_KEY: key });
    expect(pageIn(await call(origin, alice))).not.toBe("");
    expect(said(await call(first.origin, alice)).sub).toBe("alice-at-hub");
  });

  it("are refreshed before they end, by one of several gateways at a time, and stay good", async () => {
    world.hub.tokenSeconds = 2;
    const gateways = await Promise.all([world.gateway(), world.gateway()]);
    await connect(gateways[0].origin);
    const tokens = new Set<string>();
    const deadline = Date.now() + 6000;
    while (Date.now() < deadline) {
      const answers = await Promise.all(
        gateways.flatMap(({ origin }) => [call(origin, alice), call(origin, alice)]),
      );
      for (const answer of answers) expect(said(answer).sub).toBe("alice-at-hub");
      for (const token of world.server.tokens()) tokens.add(token);
    }
    expect(tokens.size).toBeGreaterThanOrEqual(3);
    expect(tokens.size).toBeLessThanOrEqual(5);
  });

  it("that the server no longer takes are renewed, and asked for anew when that does not help", async () => {
    const { origin } = await world.gateway();
    await connect(origin);
    await call(origin, alice);
    for (const token of world.server.tokens()) world.server.revoked.add(token);
    expect(said(await call(origin, alice)).sub).toBe("alice-at-hub");
    // The person has withdrawn the consent: the refresh token is worth nothing either.
    for (const token of world.server.tokens()) world.server.revoked.add(token);
    await world.hub.rotateKeys();
    expect(pageIn(await call(origin, alice))).not.toBe("");
    expect(readdirSync(world.directory)).toEqual([]);
  });

  it("stay when the authorization server can't be asked for a while", async () => {
    const { origin } = await world.gateway();
    await connect(origin);
    await call(origin, alice);
    for (const token of world.server.tokens()) world.server.revoked.add(token);
    await world.hub.stop();
    expect((await call(origin, alice)).error).toMatchObject({
      data: { outcome: "unavailable", sent: false },
    });
    await world.hub.start();
    expect(said(await call(origin, alice)).sub).toBe("alice-at-hub");
  });

  it("of one person that can't be had are no reason to leave the server, or another person, alone", async () => {
    const [server] = world.config.servers ?? [];
    const resilience = { circuitBreaker: { failures: 2, cooldownMs: 60_000 } };
    const { origin } = await world.gateway({ servers: server && [{ ...server, resilience }] });
    const bob = await world.tokenOf("bob");
    await connect(origin);
    await call(origin, alice);
    const hers = world.server.tokens();
    world.company.person.name = "bob";
    await connect(origin, bob);
    expect(said(await call(origin, bob)).sub).toBeDefined();
    for (const token of hers) world.server.revoked.add(token);
    await world.hub.stop();
    for (let times = 0; times < 4; times++) {
      expect((await call(origin, alice)).error?.message).toMatch(/no token for it, since/);
    }
    expect(said(await call(origin, bob)).sub).toBeDefined();
    await world.hub.start();
  });

  it("that can't be read are the gateway's trouble, and said to be", async () => {
    const first = await world.gateway();
    await connect(first.origin);
    first.signal("SIGTERM");
    await first.exit;
    const file = keptFile();
    rmSync(file);
    mkdirSync(file);
    const { origin } = await world.gateway();
    const { error } = await call(origin, alice);
    expect(error?.message).toContain("people's tokens can't be read or kept (EISDIR)");
    expect(error).toMatchObject({ data: { outcome: "unavailable", sent: false } });
  });

  it("without a scope that a call needs are asked for with it", async () => {
    const { origin } = await world.gateway();
    await connect(origin);
    expect(said(await call(origin, alice)).sub).toBe("alice-at-hub");
    world.server.scope = "write";
    const browser = new Browser();
    expect((await browser.open(pageIn(await call(origin, alice)))).status).toBe(200);
    const scopes = browser.visited.map(({ searchParams }) => searchParams.get("scope"));
    expect(scopes).toContain("search write");
    expect(said(await call(origin, alice)).sub).toBe("alice-at-hub");
    expect(world.server.calls.at(-1)?.claims.scope).toBe("search write");
  });
});
