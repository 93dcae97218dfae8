import * as pulumi from "@pulumi/pulumi";
import { describe, expect, test } from "vitest";
import * as mcp from "../../components/index.ts";
import { declare } from "./declare.ts";
import { directory } from "./support.ts";

type Options = pulumi.ComponentResourceOptions;

/** The local target's plugin with a configuration of its own. */
class LocalProvider extends pulumi.ProviderResource {
  constructor(name: string) {
    super("mcp-infra-local", name, {});
  }
}

/** Something of the user's that components can stand under or wait for. */
class Team extends pulumi.ComponentResource {
  constructor(name: string) {
    super("acme:index:Team", name);
    this.registerOutputs({});
  }
}

/** A custom resource of the user's. */
class Database extends pulumi.CustomResource {
  constructor(name: string) {
    super("acme:index:Database", name);
  }
}

/** Every component of the framework, with options for one of them. */
function declareAll(name: string, options: Options) {
  const of = (component: string) => (component === name ? options : {});
  const target = mcp.local({ directory });
  new mcp.Secrets("secrets", { target, generate: ["key"] }, of("secrets"));
  const server = new mcp.Server("server", { target, stdio: { command: "node" } }, of("server"));
  const consumer = new mcp.Consumer(
    "consumer",
    { identity: { scope: "all" }, uses: [server.tool("echo", { arguments: {} })] },
    of("consumer"),
  );
  const gateway = new mcp.Gateway(
    "gateway",
    {
      target,
      servers: [server],
      consumers: [consumer],
      resilience: { timeout: "10s" },
      objectives: { availability: 0.99, p95: "1s" },
    },
    of("gateway"),
  );
  const smokeTest = new mcp.SmokeTest("smoke-test", { gateway }, of("smoke-test"));
  const alerting = new mcp.Alerting("alerting", { gateway, smokeTest }, of("alerting"));
  new mcp.Integration(
    "integration",
    { requirements: { purpose: "Shows standard options", owner: "tests" }, gateway, alerting, smokeTest },
    of("integration"),
  );
}

const components: [string, string[]][] = [
  ["secrets", ["secrets-key"]],
  ["server", ["server-process"]],
  ["consumer", []],
  ["gateway", ["gateway-process", "gateway-consumer-token"]],
  ["smoke-test", []],
  ["alerting", ["alerting-rules", "alerting-prometheus", "alerting-dashboard"]],
  ["integration", []],
];

describe.each(components)("%s", (name, children) => {
  test("passes on the standard options, and hands its children protection and its provider", async () => {
    const { find } = await declare(() =>
      declareAll(name, {
        parent: new Team("team"),
        protect: true,
        ignoreChanges: ["replicas"],
        aliases: [{ name: "former" }],
        transforms: [() => undefined],
        providers: [new LocalProvider("elsewhere")],
      }),
    );
    expect(find(name)).toMatchObject({
      parent: "team",
      options: { protect: true, ignoreChanges: ["replicas"], aliases: ["former"], transforms: 1 },
    });
    for (const child of children)
      expect(find(child), child).toMatchObject({
        parent: name,
        options: { protect: true, provider: "elsewhere" },
      });
  });

  test("waits for what its user says", async () => {
    const { find } = await declare(() => declareAll(name, { dependsOn: new Database("database") }));
    expect(find(name).dependsOn).toContain("database");
  });

  test("hides what its user wants hidden in diffs", async () => {
    const { find } = await declare(() => declareAll(name, { hideDiffs: ["status"] }));
    expect(find(name).options.hideDiffs).toContain("status");
  });

  test("runs its user's hooks", async () => {
    const { find } = await declare(() =>
      declareAll(name, {
        hooks: { beforeCreate: [new pulumi.ResourceHook(`hook-of-${name}`, () => undefined)] },
      }),
    );
    expect(find(name).options.beforeCreate).toContain(`hook-of-${name}`);
  });
});
