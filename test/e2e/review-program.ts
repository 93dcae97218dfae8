import * as pulumi from "@pulumi/pulumi";
import * as mcp from "../../components/index.ts";

/** A small integration, with the changes to it that a test asks for in the stack's configuration. */
const config = new pulumi.Config();
const [gatewayPort = 0, utilitiesPort = 0] = config.requireObject<number[]>("ports");
const changes = config.getObject<Record<string, string>>("changes") ?? {};
const target = mcp.local();

const notes = new mcp.Server("notes", {
  target,
  stdio: { package: "npm:@modelcontextprotocol/server-memory@2026.8.31" },
  env: {
    MEMORY_FILE_PATH: `${mcp.dataDirectory}/notes.jsonl`,
    ...(changes.notesEnv && { [changes.notesEnv]: "yes" }),
  },
  storage: true,
  tools: ["create_entities", "read_graph", "delete_entities"],
});
const utilities = new mcp.Server("utilities", {
  target,
  http: {
    package: "npm:@modelcontextprotocol/server-everything@2026.8.31",
    args: ["streamableHttp"],
    port: utilitiesPort,
  },
  env: { PORT: String(utilitiesPort), ...(changes.apiKey && { API_KEY: changes.apiKey }) },
  tools: ["echo"],
});
const reader = new mcp.Consumer("reader", {
  identity: { scope: "review:read" },
  uses: [
    notes.tool("read_graph", { arguments: {}, expect: { contains: "entities" } }),
    utilities.tool("echo", { arguments: { message: "hello" }, expect: { contains: "hello" } }),
    ...(changes.newUse ? [notes.tool(changes.newUse)] : []),
  ],
});
const gateway = new mcp.Gateway("edge", {
  target,
  servers: [notes, utilities],
  consumers: [reader],
  listen: { port: gatewayPort },
  resilience: { timeout: (changes.timeout ?? "10s") as mcp.Duration },
  objectives: { availability: 0.99, p95: "2s" },
});
const smokeTest = new mcp.SmokeTest("smoke", { gateway, deadline: "30s" });

// Without the readiness gate, which would block first, a policy is seen to stop the preview by itself.
if (!changes.unwatched) {
  const alerting = new mcp.Alerting("alerts", { gateway });
  new mcp.Integration("workbench", {
    requirements: { purpose: "Shows what a reviewer is told", owner: "tests" },
    gateway,
    alerting,
    smokeTest,
  });
}
