import * as pulumi from "@pulumi/pulumi";
import { describe, expect, test } from "vitest";
import { consumerSchema, gatewaySchema, isLoopback, serverSchema } from "../../components/model/index.ts";
import { gatewayInputs } from "../../components/targets/local/gateway-inputs.ts";
import type { GatewayRequest } from "../../components/targets/target.ts";
import { gatewayConfigSchema } from "../../gateway/config.ts";

/** A gateway as it is declared, with what only a run knows. */
interface Declared {
  gateway?: Record<string, unknown>;
  servers?: Record<string, unknown>[];
  consumers?: Record<string, unknown>[];
  endpoints?: GatewayRequest["endpoints"];
  tokenDigests?: GatewayRequest["tokenDigests"];
  secrets?: GatewayRequest["secrets"];
}

const stdio = { name: "notes", stdio: { command: "node" } };
const http = { name: "utilities", http: { command: "node", port: 7401 } };
const remote = { name: "help-desk", remote: { url: "https://desk.example.com/mcp" } };
const agent = { name: "agent", uses: [{ server: "notes", tool: "search" }] };

function inputsOf({ gateway, servers = [stdio], consumers = [agent], ...runTime }: Declared) {
  return gatewayInputs(
    {
      name: "edge",
      model: {
        scope: "gateway",
        name: "edge",
        target: "local",
        servers: servers.map((server) => serverSchema.parse(server)),
        consumers: consumers.map((consumer) => consumerSchema.parse(consumer)),
        secrets: [],
        gateway: gatewaySchema.parse({ name: "edge", ...gateway }),
      },
      endpoints: {},
      tokenDigests: {},
      secrets: [],
      ...runTime,
    },
    { smokeReport: "/run/edge/smoke-report.json", data: "/data/edge" },
  );
}

/** What protects a server that nothing is said of. */
const safe = {
  retry: { attempts: 3, backoffMs: 50, maxBackoffMs: 1_000 },
  circuitBreaker: { failures: 5, cooldownMs: 10_000 },
  concurrency: { calls: 64, queue: 64, waitMs: 1_000 },
};

const configOf = (declared: Declared) => inputsOf(declared).gateway.config;

describe("a gateway as a local process", () => {
  test("is the configuration that the gateway program reads", () => {
    const endpoints = { notes: { url: "http://localhost/mcp", socket: "/sockets/notes.sock" } };
    const { config } = inputsOf({ endpoints }).gateway;
    expect(gatewayConfigSchema.parse(config)).toMatchObject({
      name: "edge",
      listen: { host: "127.0.0.1", port: 7400 },
      path: "/mcp",
      auth: "tokens",
      servers: [{ name: "notes", url: "http://localhost/mcp", socket: "/sockets/notes.sock" }],
      smokeReport: "/run/edge/smoke-report.json",
    });
  });

  test("has no environment without headers for remote servers", () => {
    expect(inputsOf({ servers: [stdio, http, remote] })).toEqual({ gateway: expect.anything() });
  });

  test.each<[string, Declared, Record<string, unknown>]>([
    [
      "a stdio server is reached by its socket",
      { endpoints: { notes: { url: "http://localhost/mcp", socket: "/s/notes" } } },
      { name: "notes", url: "http://localhost/mcp", socket: "/s/notes", timeoutMs: 60_000 },
    ],
    [
      "an HTTP server by its URL alone",
      { servers: [http], endpoints: { utilities: { url: "http://127.0.0.1:7401/mcp" } } },
      { name: "utilities", url: "http://127.0.0.1:7401/mcp", timeoutMs: 60_000 },
    ],
    [
      "a remote server by its URL",
      { servers: [remote], endpoints: { "help-desk": { url: "https://desk.example.com/mcp" } } },
      { name: "help-desk", url: "https://desk.example.com/mcp", timeoutMs: 60_000 },
    ],
    [
      "a server's timeout goes before the gateway's",
      { servers: [{ ...stdio, timeout: "5s" }], gateway: { resilience: { timeout: "10s" } } },
      { name: "notes", url: "", timeoutMs: 5_000 },
    ],
    [
      "the gateway's is for those that name none",
      { gateway: { resilience: { timeout: "10s" } } },
      { name: "notes", url: "", timeoutMs: 10_000 },
    ],
    [
      "the tools it is expected to have are the filter",
      { servers: [{ ...stdio, tools: ["search", "read"] }] },
      { name: "notes", url: "", timeoutMs: 60_000, tools: ["search", "read"] },
    ],
    [
      "no tools expected means that none gets through, not that all do",
      { servers: [{ ...stdio, tools: [] }] },
      { name: "notes", url: "", timeoutMs: 60_000, tools: [] },
    ],
  ])("%s", (_, declared, server) => {
    expect(configOf(declared).servers).toEqual([{ ...server, resilience: safe }]);
  });

  test("a remote server's headers come from the environment, its secrets marked as such", () => {
    const from = { name: "vault", given: ["desk"], generated: [], external: {} };
    const secret = { store: "vault", key: "desk", from, value: pulumi.secret("canary") };
    const { gateway, env, secretEnv } = inputsOf({
      servers: [
        {
          name: "help-desk",
          remote: {
            url: "https://desk.example.com/mcp",
            headers: { Authorization: { store: "vault", key: "desk" }, "X-Team": "support" },
          },
        },
        {
          name: "wiki",
          remote: { url: "https://wiki.example.com/mcp", headers: { "X-Team": "writers" } },
        },
      ],
      secrets: [secret],
    });
    expect(gateway.config.servers.map(({ headersFromEnv }) => headersFromEnv)).toEqual([
      { Authorization: "MCP_HEADER_HELP_DESK_0", "X-Team": "MCP_HEADER_HELP_DESK_1" },
      { "X-Team": "MCP_HEADER_WIKI_0" },
    ]);
    expect(env).toEqual({ MCP_HEADER_HELP_DESK_1: "support", MCP_HEADER_WIKI_0: "writers" });
    expect(secretEnv).toEqual({ MCP_HEADER_HELP_DESK_0: secret.value });
  });

  test("each consumer is granted what it uses, and nothing else", () => {
    const reader = {
      name: "reader",
      uses: [
        { server: "notes", tool: "search", arguments: { query: "x" }, expect: { contains: "y" } },
        { server: "utilities", tool: "echo" },
        { server: "utilities", prompt: "greet", arguments: { name: "Ada" } },
        { server: "notes", resource: "notes://shelf/" },
      ],
    };
    const writer = { name: "writer", uses: [{ server: "notes", tool: "write" }] };
    const tokenDigests = { reader: pulumi.output("digest-of-reader"), writer: pulumi.output("of-writer") };
    expect(configOf({ servers: [stdio, http], consumers: [reader, writer], tokenDigests }).consumers).toEqual(
      [
        {
          name: "reader",
          tokenSha256: tokenDigests.reader,
          tools: [
            { server: "notes", name: "search" },
            { server: "utilities", name: "echo" },
          ],
          prompts: [{ server: "utilities", name: "greet" }],
          resources: [{ server: "notes", uri: "notes://shelf/" }],
        },
        {
          name: "writer",
          tokenSha256: tokenDigests.writer,
          tools: [{ server: "notes", name: "write" }],
          prompts: [],
          resources: [],
        },
      ],
    );
  });

  test("without authentication no consumer has a token", () => {
    const config = configOf({ gateway: { auth: { mode: "none" } } });
    expect(config.auth).toBe("none");
    expect(config.consumers).toEqual([
      { name: "agent", tools: [{ server: "notes", name: "search" }], prompts: [], resources: [] },
    ]);
  });

  test.each(["127.0.0.1", "localhost", "::1", "127.0.0.2"])(
    "on %s it answers to that and the other loopback names alone",
    (host) => {
      const { allowedHosts, allowedOrigins } = configOf({ gateway: { listen: { host } } });
      const own = host.includes(":") ? `[${host}]` : host;
      expect(allowedHosts).toEqual(expect.arrayContaining(["localhost", "127.0.0.1", "[::1]", own]));
      expect(allowedHosts?.every(isLoopback)).toBe(true);
      expect(allowedOrigins.every(isLoopback)).toBe(true);
    },
  );

  test("takes an IPv6 address with brackets too, and listens on it without", () => {
    expect(configOf({ gateway: { listen: { host: "[::1]" } } }).listen.host).toBe("::1");
  });

  test.each(["0.0.0.0", "::", "10.0.0.7", "mcp.example.com"])(
    "on %s it is called by any name, and by no web page",
    (host) => {
      const config = configOf({ gateway: { listen: { host } } });
      expect(config).not.toHaveProperty("allowedHosts");
      expect(config.allowedOrigins).toEqual([]);
    },
  );
});

describe("how failures are met", () => {
  const docs = { name: "docs", http: { command: "node", port: 7402 }, tools: ["search"] };
  const standby = { name: "docs-standby", http: { command: "node", port: 7403 } };

  test("what is off in the declaration is absent, and a server's own word goes before its gateway's", () => {
    const { servers } = configOf({
      gateway: { resilience: { retry: false, circuitBreaker: { failures: 2 } } },
      servers: [stdio, { ...http, resilience: { retry: { attempts: 2 }, concurrency: false } }],
    });
    const circuitBreaker = { failures: 2, cooldownMs: 10_000 };
    expect(servers.map(({ resilience }) => resilience)).toEqual([
      { circuitBreaker, concurrency: safe.concurrency },
      { circuitBreaker, retry: { ...safe.retry, attempts: 2 } },
    ]);
  });

  test("a tool has settings of its own, in milliseconds", () => {
    const perTool = {
      search: { timeout: "2s", repeatable: true, limit: { calls: 10, per: "1s" } },
      write: { limit: { calls: 1 } },
    };
    expect(configOf({ servers: [{ ...stdio, perTool }] }).servers[0]?.perTool).toEqual({
      search: { timeoutMs: 2_000, repeatable: true, limit: { calls: 10, perMs: 1_000 } },
      write: { limit: { calls: 1, perMs: 60_000 } },
    });
  });

  test("a standby is a server of its own, expected to have what its primary has", () => {
    const config = configOf({
      servers: [docs, standby],
      consumers: [],
      gateway: { failover: [{ primary: "docs", standby: ["docs-standby"] }] },
    });
    expect(config.failover).toEqual([{ primary: "docs", standby: ["docs-standby"], mode: "standby" }]);
    expect(config.servers.map(({ name, tools }) => [name, tools])).toEqual([
      ["docs", ["search"]],
      ["docs-standby", ["search"]],
    ]);
  });
});

describe("who signs tokens, and whose the gateway's own are", () => {
  const from = { name: "vault", given: ["login", "key", "client"], generated: [], external: {} };
  const secret = (key: string) => ({ store: "vault", key, from, value: pulumi.secret(`canary-${key}`) });
  const reference = (key: string) => ({ store: "vault", key });
  const issuer = "https://login.example.com";
  const desk = (auth: Record<string, unknown>) => ({
    name: "help-desk",
    remote: { url: "https://desk.example.com/mcp", auth },
  });
  const client = { issuer: "https://idp.example.com", clientId: "edge", clientSecret: reference("client") };

  test("tokens are for the public URL, and else for the endpoint", () => {
    const auth = { issuers: [{ issuer }, { issuer: "https://b.example.com", audience: "edge" }] };
    const there = configOf({ gateway: { auth, publicUrl: "https://mcp.example.com/mcp" } });
    expect(there).toMatchObject({
      auth: "jwt",
      publicUrl: "https://mcp.example.com/mcp",
      issuers: [
        { issuer, audience: "https://mcp.example.com/mcp" },
        { issuer: "https://b.example.com", audience: "edge" },
      ],
    });
    expect(there.allowedHosts).toContain("mcp.example.com");
    const here = configOf({ gateway: { auth, listen: { host: "::1", port: 7411 } } });
    expect(here).toMatchObject({ issuers: [{ audience: "http://[::1]:7411/mcp" }, { audience: "edge" }] });
  });

  test.each([
    ["clientCredentials", "client_credentials"],
    ["tokenExchange", "token_exchange"],
    ["perUser", "per_user"],
  ])("%s towards a server: for that server, its secret in the environment", (how, kind) => {
    const inputs = inputsOf({
      servers: [desk({ [how]: { ...client, scopes: ["tickets"] } })],
      secrets: [secret("client")],
    });
    expect(inputs.gateway.config.servers[0]?.credentials).toEqual({
      kind,
      issuer: client.issuer,
      clientId: "edge",
      clientSecretEnv: "MCP_CLIENT_SECRET_HELP_DESK",
      scopes: ["tickets"],
      resource: "https://desk.example.com/mcp",
    });
    expect(Object.keys(inputs.secretEnv ?? {})).toEqual(["MCP_CLIENT_SECRET_HELP_DESK"]);
  });

  test("users' tokens are kept where a restart finds them, by a key out of the environment", () => {
    const inputs = inputsOf({
      gateway: {
        auth: { issuers: [{ issuer }], login: { clientId: "edge", clientSecret: reference("login") } },
        userTokens: { key: reference("key") },
      },
      secrets: [secret("login"), secret("key")],
    });
    const { config } = inputs.gateway;
    expect(config).toMatchObject({
      login: { clientId: "edge", clientSecretEnv: "MCP_LOGIN_SECRET" },
      userTokens: { directory: "/data/edge/user-tokens", keyEnv: "MCP_USER_TOKENS_KEY" },
    });
    expect(inputs.storage).toBe(true);
    expect(Object.keys(inputs.secretEnv ?? {}).sort()).toEqual(["MCP_LOGIN_SECRET", "MCP_USER_TOKENS_KEY"]);
    expect(JSON.stringify(config)).not.toContain("canary");
  });

  test("a consumer is known by scope and client, and has its limit", () => {
    const consumers = [
      { ...agent, identity: { scope: "support", client: "agent-app" }, limit: { calls: 100 } },
    ];
    expect(configOf({ consumers, gateway: { auth: { issuers: [{ issuer }] } } }).consumers[0]).toMatchObject({
      scope: "support",
      client: "agent-app",
      limit: { calls: 100, perMs: 60_000 },
    });
  });

  test("is what the gateway program reads, with pins and traces", () => {
    const catalogue = { agent: { tools: { notes: { search: "0".repeat(64) } } } };
    const tracing = { endpoint: "http://127.0.0.1:4318/v1/traces" };
    const { config } = inputsOf({
      servers: [stdio, desk({ perUser: client })],
      endpoints: {
        notes: { url: "http://localhost/mcp" },
        "help-desk": { url: "https://desk.example.com/mcp" },
      },
      gateway: { auth: { issuers: [{ issuer }] }, catalogue, tracing, userTokens: { key: reference("key") } },
    }).gateway;
    expect(gatewayConfigSchema.parse(config)).toMatchObject({
      catalogue,
      tracing: { ...tracing, ratio: 0.1 },
    });
  });
});
