import * as pulumi from "@pulumi/pulumi";
import * as mcp from "../components/index.ts";
import { Token } from "../components/targets/local/resources.ts";

/** As many servers as the configuration says, behind one gateway; or as many bare components with a child each. */
const config = new pulumi.Config();
const count = config.requireNumber("count");
/** `bare`, `local`, or what the Kubernetes target takes. */
const where = config.requireObject<"bare" | "local" | mcp.KubernetesArgs>("where");
const names = Array.from({ length: count }, (_, index) => `server-${index}`);

class Bare extends pulumi.ComponentResource {
  constructor(name: string) {
    super("bench:index:Bare", name);
    new Token(`${name}-child`, {}, { parent: this });
    this.registerOutputs({});
  }
}

function declareServers(): void {
  const target = typeof where === "string" ? mcp.local() : mcp.kubernetes(where);
  const servers = names.map(
    (name) =>
      new mcp.Server(name, {
        target,
        stdio: { package: "npm:@modelcontextprotocol/server-everything@2026.8.31" },
        tools: ["echo"],
      }),
  );
  const consumer = new mcp.Consumer("agent", {
    identity: { scope: "bench" },
    uses: servers.map((server) => server.tool("echo", { arguments: { message: "hello" } })),
  });
  const gateway = new mcp.Gateway("edge", {
    target,
    servers,
    consumers: [consumer],
    resilience: { timeout: "10s" },
    objectives: { availability: 0.99, p95: "2s" },
  });
  const smokeTest = new mcp.SmokeTest("smoke", { gateway });
  const alerting = new mcp.Alerting("alerts", { gateway, smokeTest });
  new mcp.Integration("bench", {
    requirements: { purpose: "Shows what many servers cost", owner: "bench" },
    gateway,
    alerting,
    smokeTest,
  });
}

if (where === "bare") for (const name of names) new Bare(name);
else declareServers();
