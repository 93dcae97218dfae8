// biome-ignore-all lint/suspicious/noTemplateCurlyInString: so clients write references, and programs template literals
import { describe, expect, test } from "vitest";
import { readServers } from "../../adopt/index.ts";

const only = (text: string | object, file = "file") => {
  const read = readServers(typeof text === "string" ? text : JSON.stringify(text), file);
  expect(read.servers).toHaveLength(1);
  return read.servers[0];
};

describe("what a file says of its servers, by its content alone", () => {
  test("Claude Code, Claude Desktop and Cursor: mcpServers, with comments and trailing commas", () => {
    const text = `\uFEFF// of a team
      { "mcpServers": { "notes": { "command": "npx", "args": ["-y", "notes@1.0.0",], "env": { "PORT": 8080, "NONE": null }, "autoApprove": [] }, } }`;
    expect(only(text)).toEqual({
      name: "notes",
      start: { command: "npx", args: ["-y", "notes@1.0.0"] },
      env: { PORT: "8080" },
      secret: [],
      remarks: ["autoApprove: not carried over"],
    });
  });

  test.each([
    [
      "mcp.json",
      {
        inputs: [{ id: "key", type: "promptString", password: true }],
        servers: { api: { type: "http", url: "https://a.example.com/mcp" } },
      },
    ],
    [
      "settings.json",
      {
        mcp: {
          inputs: [{ id: "key", password: true }],
          servers: { api: { type: "http", url: "https://a.example.com/mcp" } },
        },
      },
    ],
  ])("VS Code's %s, with what it asks for", (_, file) => {
    const read = readServers(JSON.stringify(file), "mcp.json");
    expect(read.servers[0]?.remote).toEqual({ url: "https://a.example.com/mcp", headers: {} });
    expect(read.inputs).toEqual([{ id: "key", secret: true }]);
  });

  const npm = {
    registryType: "npm",
    identifier: "@acme/search",
    version: "1.2.3",
    transport: { type: "stdio" },
    packageArguments: [
      { type: "positional", value: "serve" },
      { type: "named", name: "--level", default: "info" },
      { type: "named", name: "--unused" },
    ],
    environmentVariables: [{ name: "API_KEY", isRequired: true, isSecret: true }, { name: "REGION" }],
  };
  const remote = {
    type: "streamable-http",
    url: "https://{tenant}.example.com/mcp",
    headers: [{ name: "X-Key", isSecret: true, value: "{key}" }],
  };
  const oci = {
    registryType: "oci",
    identifier: "ghcr.io/acme/search",
    version: "1.2.3",
    transport: { type: "streamable-http", url: "http://localhost:3000/api" },
  };

  test("the registry's server.json: the package that can be pinned, else what runs elsewhere, else an image", () => {
    expect(only({ name: "io.github.acme/search", packages: [oci, npm], remotes: [remote] })).toEqual({
      name: "io.github.acme/search",
      start: { command: "npx", args: ["-y", "@acme/search@1.2.3", "serve", "--level", "info"] },
      env: { API_KEY: "${API_KEY}" },
      secret: ["API_KEY"],
      remarks: ["may be given REGION too", "is offered as remote, oci too"],
    });
    expect(only({ name: "a/search", packages: [oci], remotes: [remote] })).toMatchObject({
      remote: { url: "https://${tenant}.example.com/mcp", headers: { "X-Key": "${key}" } },
      secret: ["X-Key"],
    });
    expect(only({ name: "a/search", packages: [oci] })?.image).toEqual({
      reference: "ghcr.io/acme/search:1.2.3",
      args: [],
      port: 3000,
      path: "/api",
    });
    expect(
      only({ name: "a/search", packages: [{ ...npm, registryType: "pypi", identifier: "search" }] })?.start
        ?.command,
    ).toBe("uvx");
  });

  test("a server.json of before September 2025, with other names for the same", () => {
    const old = {
      registry_type: "npm",
      identifier: "search",
      version: "1.0.0",
      environment_variables: [{ name: "API_KEY", is_secret: true }],
    };
    expect(only({ name: "a/search", packages: [old] })).toMatchObject({
      start: { args: ["-y", "search@1.0.0"] },
      secret: ["API_KEY"],
    });
  });

  test("ToolHive's manifests, among other documents", () => {
    const text = `apiVersion: v1
kind: Namespace
metadata: { name: tools }
---
apiVersion: toolhive.stacklok.dev/v1alpha1
kind: MCPServer
metadata: { name: github, namespace: tools }
spec:
  image: ghcr.io/github/github-mcp-server
  transport: streamable-http
  proxyPort: 9000
  mcpPort: 8082
  env: [{ name: LEVEL, value: "2" }]
  secrets: [{ name: github, key: token, targetEnvName: GITHUB_TOKEN }]
  permissionProfile: { type: builtin, name: network }
  volumes: []
`;
    const read = readServers(text, "server.yaml");
    expect(read.namespace).toBe("tools");
    expect(read.servers[0]).toEqual({
      name: "github",
      image: { reference: "ghcr.io/github/github-mcp-server", args: [], port: 8082 },
      env: { LEVEL: "2", GITHUB_TOKEN: "${GITHUB_TOKEN}" },
      secret: ["GITHUB_TOKEN"],
      remarks: [
        "GITHUB_TOKEN: its value is key token of the cluster's Secret github",
        expect.stringContaining("permissionProfile network: here nothing is reached but what egress names"),
        "volumes: not carried over",
      ],
    });
  });
});

test.each([
  ["an empty file", "  ", "f is empty."],
  ["JSON that ends too early", '{\n  "mcpServers": {\n', "f:3: is no JSON here: close brace expected."],
  ["JSON with a word in it", '{\n  "mcpServers": nothing\n}', "f:2: is no JSON here: invalid symbol."],
  [
    "a server that stands there twice",
    '{"mcpServers": {\n"a": {"command": "x"},\n"a": {"command": "y"}}}',
    'f:3: "a" stands here for the second time.',
  ],
  ["YAML that is none", "a: [1\nb: 2", "f:2: is no YAML here:"],
  [
    "another document",
    '{"compilerOptions": {}}',
    "f: describes no MCP servers in a way that is known here; it has compilerOptions.",
  ],
  ["a list", "[]", "f: describes no MCP servers in a way that is known here; it is no object."],
  ["no server", '{"mcpServers": {}}', "f: mcpServers is empty"],
  [
    "arguments that are no list",
    '{"mcpServers": {"a": {"command": "x", "args": "y"}}}',
    "f: mcpServers.a.args: has to be a list",
  ],
  [
    "a server without a way to it",
    '{"mcpServers": {"a": {"env": {}}}}',
    "f: mcpServers.a: has to have a command or a url, and not both.",
  ],
  [
    "a package of no known registry",
    '{"name": "a", "packages": [{"registryType": "nuget", "identifier": "A"}]}',
    "f: offers nuget; what can be imported is npm",
  ],
])("%s is refused, with the place", (_, text, reason) => {
  expect(() => readServers(text, "f")).toThrow(reason);
});
