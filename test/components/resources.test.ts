import * as pulumi from "@pulumi/pulumi";
import { describe, expect, test } from "vitest";
import * as mcp from "../../components/index.ts";
import {
  hasUnknown,
  isRecord,
  isUnknown,
  plain,
  secretTexts,
} from "../../components/targets/local/provider/values.ts";
import { declare, known } from "./declare.ts";
import { canary, declareSupport, directory } from "./support.ts";

describe("a small integration", () => {
  test("is these resources: each part under its component, named after it", async () => {
    const { registered } = await declare(() => declareSupport());
    const tree = registered.map(({ type, name, parent }) => [parent, type.replace(":index:", " "), name]);
    expect(tree.sort()).toEqual([
      ["", "mcp-infra Alerting", "alerts"],
      ["", "mcp-infra Consumer", "agent"],
      ["", "mcp-infra Gateway", "edge"],
      ["", "mcp-infra Integration", "support"],
      ["", "mcp-infra Secrets", "vault"],
      ["", "mcp-infra Server", "notes"],
      ["", "mcp-infra Server", "tickets"],
      ["", "mcp-infra Server", "utilities"],
      ["", "mcp-infra SmokeTest", "smoke"],
      ["alerts", "mcp-infra-local File", "alerts-dashboard"],
      ["alerts", "mcp-infra-local File", "alerts-prometheus"],
      ["alerts", "mcp-infra-local File", "alerts-rules"],
      ["edge", "mcp-infra-local Process", "edge-process"],
      ["edge", "mcp-infra-local Token", "edge-agent-token"],
      ["notes", "mcp-infra-local Process", "notes-process"],
      ["utilities", "mcp-infra-local Process", "utilities-process"],
      ["vault", "mcp-infra-local Token", "vault-made"],
    ]);
  });

  test.each([
    ["a server", "notes-process", []],
    ["a server with a generated secret", "utilities-process", ["vault-made"]],
    ["the gateway", "edge-process", ["edge-agent-token", "notes-process", "utilities-process"]],
    ["the rules", "alerts-rules", ["edge-agent-token", "edge-process"]],
    ["the smoke test", "smoke", ["edge-agent-token", "edge-process", "notes-process", "utilities-process"]],
  ])("%s waits for what it stands on", async (_, name, expected) => {
    const { find } = await declare(() => declareSupport());
    expect(find(name).dependsOn).toEqual(expected);
  });

  test("the smoke test is a hook before its resource exists or changes", async () => {
    const { find } = await declare(() => declareSupport());
    expect(find("smoke").options).toMatchObject({
      beforeCreate: ["smoke-test-smoke"],
      beforeUpdate: ["smoke-test-smoke"],
    });
  });

  test("what a reviewer looks for stands flat, and the whole model is hidden in diffs", async () => {
    const { find } = await declare(() => declareSupport());
    const flat = (name: string) => {
      const { model, ...inputs } = find(name).inputs;
      expect(model, name).toBeDefined();
      return inputs;
    };
    expect(flat("notes")).toEqual({
      transport: "stdio",
      artifact: "npm:@modelcontextprotocol/server-memory@2026.8.31",
      replicas: 1,
      tools: ["search_nodes"],
    });
    expect(flat("utilities")).toMatchObject({ transport: "http", timeoutMs: 5_000 });
    expect(flat("tickets")).toMatchObject({
      transport: "remote",
      artifact: "https://tickets.example.com/mcp",
    });
    expect(flat("edge")).toEqual({
      servers: ["notes", "utilities", "tickets"],
      consumers: ["agent"],
      listen: { host: "127.0.0.1", port: 7400 },
      auth: "tokens",
      timeoutMs: 10_000,
      objectives: { availability: 0.99, p95: 2_000 },
    });
    expect(flat("support")).toEqual({ status: "READY" });
    for (const name of ["notes", "utilities", "tickets", "edge", "support"])
      expect(find(name).options.hideDiffs, name).toEqual(["model"]);
  });

  test("gives the gateway's endpoint, and a token for each consumer", async () => {
    const { result } = await declare(() => declareSupport());
    expect(await known(result.gateway.endpoint)).toBe("http://127.0.0.1/edge-process");
    expect(await known(result.gateway.tokens)).toEqual({ agent: "canary-of-edge-agent-token" });
  });

  test("makes no token where auth is none", async () => {
    const { registered, result } = await declare(() => {
      const target = mcp.local({ directory });
      const server = new mcp.Server("server", { target, stdio: { command: "node" } });
      const consumer = new mcp.Consumer("consumer", { uses: [server.tool("echo")] });
      return new mcp.Gateway("edge", {
        target,
        servers: [server],
        consumers: [consumer],
        auth: { mode: "none" },
      });
    });
    expect(registered.filter(({ type }) => type.endsWith(":Token"))).toEqual([]);
    expect(await known(result.tokens)).toEqual({});
  });
});

describe("the first preview", () => {
  test("knows everything that decides safety, and run-time values alone are unknown", async () => {
    const { registered, find } = await declare(() => declareSupport(), { preview: true });
    const components = registered.filter(({ type }) => type.startsWith("mcp-infra:"));
    for (const { name, inputs } of components) {
      const { revision, ...facts } = inputs;
      expect(hasUnknown(facts), name).toBe(false);
      expect(hasUnknown(revision), name).toBe(name === "smoke");
    }
    expect(unknownsIn(find("edge-process").inputs)).toEqual([
      "gateway.config.consumers.0.tokenSha256",
      "gateway.config.servers.0.socket",
      "gateway.config.servers.0.url",
      "gateway.config.servers.1.url",
    ]);
    expect(unknownsIn(find("utilities-process").inputs)).toEqual(["secretEnv.MADE"]);
    expect(unknownsIn(find("notes-process").inputs)).toEqual([]);
  });

  test("shows the same facts as the run", async () => {
    const run = await declare(() => declareSupport());
    const preview = await declare(() => declareSupport(), { preview: true });
    for (const name of ["notes", "utilities", "tickets", "edge", "support", "alerts-rules"])
      expect(preview.find(name).inputs, name).toEqual(run.find(name).inputs);
  });
});

describe("secrets", () => {
  test.each([false, true])("stand in no component's inputs (preview: %s)", async (preview) => {
    const { registered } = await declare(() => declareSupport(), { preview });
    for (const { type, name, inputs } of registered)
      if (type.startsWith("mcp-infra:")) {
        expect(secretTexts(inputs), name).toEqual([]);
        expect(JSON.stringify(inputs), name).not.toContain("canary");
      }
  });

  test("reach processes through secretEnv alone, each marked secret", async () => {
    const { registered, find } = await declare(() => declareSupport());
    for (const { name, inputs } of registered) {
      const { secretEnv = {}, ...others } = inputs;
      expect(JSON.stringify(others), name).not.toContain("canary");
      for (const value of Object.values(secretEnv as object))
        expect(secretTexts(value), name).toEqual([plain(value)]);
    }
    expect(plain(find("utilities-process").inputs.secretEnv)).toEqual({
      GIVEN: canary,
      MADE: "canary-of-vault-made",
    });
    expect(plain(find("edge-process").inputs.secretEnv)).toEqual({ MCP_HEADER_TICKETS_0: canary });
  });

  test("that are made here are marked secret in the state too", async () => {
    const { registered } = await declare(() => declareSupport());
    const tokens = registered.filter(({ type }) => type.endsWith(":Token"));
    expect(tokens.map(({ options }) => options.secretOutputs)).toEqual([["value"], ["value"]]);
  });

  test("of a gateway's callers are secret outputs, and the endpoint is not", async () => {
    const { result } = await declare(() => declareSupport());
    const { gateway } = result;
    expect(
      await Promise.all(
        [gateway.tokens, gateway.endpoint, gateway.revision].map((output) =>
          pulumi.isSecret<unknown>(output),
        ),
      ),
    ).toEqual([true, false, false]);
  });
});

describe("a gateway that others sign tokens for, with a server in reserve", () => {
  const issuer = "https://login.example.com";
  const declareSigned = () => {
    const target = mcp.local({ directory });
    const secrets = new mcp.Secrets("vault", { target, values: { given: pulumi.secret(canary) } });
    const server = (name: string) => new mcp.Server(name, { target, stdio: { command: "node" } });
    const docs = server("docs");
    const agent = new mcp.Consumer("agent", {
      identity: { scope: "support" },
      uses: [docs.tool("search", { arguments: {} })],
    });
    const gateway = new mcp.Gateway("edge", {
      target,
      servers: [docs],
      failover: [{ primary: docs, standby: [server("docs-b")] }],
      consumers: [agent],
      auth: { issuers: [{ issuer }] },
      resilience: { timeout: "10s" },
    });
    const clientCredentials = { issuer, clientId: "agent-app", clientSecret: secrets.ref("given") };
    new mcp.SmokeTest("smoke", { gateway, credentials: { agent: { clientCredentials } } });
    return gateway;
  };

  test("waits for the reserve too, and says in a diff who stands in for whom", async () => {
    const { find } = await declare(declareSigned);
    expect(find("edge").inputs).toMatchObject({
      servers: ["docs", "docs-b"],
      failover: ["docs → docs-b"],
      auth: "jwt",
    });
    expect(find("edge-process").dependsOn).toEqual(expect.arrayContaining(["docs-b-process"]));
    expect(find("smoke").dependsOn).toEqual(expect.arrayContaining(["docs-b-process"]));
  });

  test("generates no token, and hands the smoke test's client over as a secret", async () => {
    const { find, registered } = await declare(declareSigned);
    expect(registered.filter(({ type }) => type.endsWith(":Token"))).toEqual([]);
    const { credentials, ...others } = find("smoke").inputs;
    expect(JSON.stringify(others)).not.toContain("canary");
    expect(plain(credentials)).toEqual({
      agent: {
        issuer,
        clientId: "agent-app",
        clientSecret: canary,
        scopes: ["support"],
        resource: "http://127.0.0.1/edge-process",
      },
    });
  });
});

/** The paths of what isn't known yet. */
function unknownsIn(value: unknown, path = ""): string[] {
  if (isUnknown(value)) return [path];
  const entries = Array.isArray(value) || isRecord(value) ? Object.entries(value) : [];
  return entries.flatMap(([key, item]) => unknownsIn(item, path ? `${path}.${key}` : key)).sort();
}
