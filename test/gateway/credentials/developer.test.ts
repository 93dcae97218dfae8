import { join } from "node:path";
import { afterAll, afterEach, beforeEach, describe, expect, it } from "vitest";
import { consumer, Fixture, gatewayConfig, tools } from "../fixture.ts";
import { Browser } from "./browser.ts";
import { call, ENV, type Hosted, hosted, pageIn, said } from "./hosted.ts";

describe("with static tokens on this machine", () => {
  let world: Hosted;
  beforeEach(async () => {
    world = await hosted();
  });
  afterEach(() => world.close());

  const developers = () => ({
    auth: "tokens" as const,
    issuers: [],
    login: undefined,
    consumers: [consumer("one", { tools: tools("hub") }), consumer("two", { tools: tools("hub") })],
  });

  it("whoever opens the link is whoever sits here", async () => {
    const { origin } = await world.gateway(developers());
    const browser = new Browser();
    expect((await browser.open(pageIn(await call(origin, "one-token")))).status).toBe(200);
    expect(browser.visited.some(({ origin: at }) => at === new URL(world.company.issuer).origin)).toBe(false);
    expect(said(await call(origin, "one-token")).sub).toBe("alice");
    expect(pageIn(await call(origin, "two-token"))).not.toBe("");
    expect(world.server.tokens()).not.toContain("one-token");
  });

  it("the page without a link connects nobody; the one in the instructions does", async () => {
    const { origin } = await world.gateway(developers());
    expect((await new Browser().open(`${origin}/connect/hub`)).status).toBe(400);
    const client = await world.fixture.modern(origin, "two-token");
    const [page = ""] = /http\S+/.exec(client.getInstructions() ?? "") ?? [];
    expect((await new Browser().open(page)).status).toBe(200);
    expect(said(await call(origin, "two-token")).sub).toBe("alice");
  });
});

describe("a configuration that can't be right", () => {
  const fixture = new Fixture();
  afterAll(() => fixture.close());

  const issuer = "https://login.example.com";
  const perUser = {
    kind: "per_user" as const,
    issuer: "https://hub.example.com",
    clientId: "gateway",
    clientSecretEnv: "HUB_SECRET",
    scopes: [],
    resource: "https://hub.example.com/mcp",
  };
  const config = {
    servers: [{ name: "hub", url: "https://hub.example.com/mcp", timeoutMs: 1000, credentials: perUser }],
    userTokens: { directory: join(fixture.directory, "tokens"), keyEnv: "USER_TOKENS_KEY" },
  };

  it.each<[string, object, NodeJS.ProcessEnv, string]>([
    [
      "people's tokens and no place for them",
      { ...config, userTokens: undefined },
      ENV,
      "servers[0].credentials: keeps people's tokens, and userTokens does not say where; name a directory and the variable with the key",
    ],
    [
      "signed tokens and no login",
      { ...config, auth: "jwt", issuers: [{ issuer, audience: "x" }] },
      ENV,
      "servers[0].credentials: asks people for consent, and without login nobody knows who sits at the browser; set login",
    ],
    [
      "static tokens beyond this machine",
      { ...config, listen: { host: "0.0.0.0", port: 0 } },
      ENV,
      'servers[0].credentials: asks people for consent, and with auth "tokens" nobody knows who sits at the browser; set auth to "jwt" with login, or listen on 127.0.0.1 alone',
    ],
    [
      "no key",
      config,
      { ...ENV, USER_TOKENS_KEY: "" },
      "userTokens.keyEnv: the environment variable USER_TOKENS_KEY is not set",
    ],
    [
      "a key that can be guessed",
      config,
      { ...ENV, USER_TOKENS_KEY: "hunter2" },
      "userTokens.keyEnv: the key in USER_TOKENS_KEY has less than 32 characters; make one with: openssl rand -base64 32",
    ],
    [
      "a place that can't be written to",
      { ...config, userTokens: { ...config.userTokens, directory: "/dev/null/tokens" } },
      ENV,
      "userTokens.directory: /dev/null/tokens can't be written to (ENOTDIR); name a directory of the gateway's own",
    ],
    [
      "a secret that is not there",
      config,
      { ...ENV, HUB_SECRET: "" },
      "servers[0].credentials.clientSecretEnv: the environment variable HUB_SECRET is not set",
    ],
  ])("%s", async (_what, changes, env, reason) => {
    const file = fixture.file(gatewayConfig(changes));
    const { exit, stderr } = fixture.run(
      [process.execPath, join(import.meta.dirname, "../../../gateway/main.ts"), "serve", "--config", file],
      env,
    );
    expect(await exit).not.toBe(0);
    expect(stderr()).toBe(`gateway: ${reason}\n`);
  });
});
