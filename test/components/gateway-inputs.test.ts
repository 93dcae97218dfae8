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
  headers?: GatewayRequest["headers"];
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
      headers: {},
      ...runTime,
    },
    "/run/edge/smoke-report.json",
  );
}

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
    expect(configOf(declared).servers).toEqual([server]);
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
      headers: { "help-desk": { Authorization: secret } },
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
