import * as pulumi from "@pulumi/pulumi";
import * as mcp from "../../components/index.ts";

/** Stands for a secret that comes from Pulumi's configuration; it must be found nowhere in plain. */
export const canary = "canary-given-4f1c77";

/** Where the integration would keep what it needs on this machine; nothing is written in these tests. */
export const directory = "/run/mcp-infra";

/** A small integration with each kind of server, complete enough to be ready. */
export function declareSupport() {
  const target = mcp.local({ directory });
  const secrets = new mcp.Secrets("vault", {
    target,
    values: { given: pulumi.secret(canary) },
    generate: ["made"],
  });
  const notes = new mcp.Server("notes", {
    target,
    stdio: { package: "npm:@modelcontextprotocol/server-memory@2026.8.31" },
    env: { MEMORY_FILE_PATH: `${mcp.dataDirectory}/notes.jsonl` },
    storage: true,
    tools: ["search_nodes"],
  });
  const utilities = new mcp.Server("utilities", {
    target,
    http: { package: "npm:@modelcontextprotocol/server-everything@2026.8.31", port: 7401 },
    env: { PORT: "7401", GIVEN: secrets.ref("given"), MADE: secrets.ref("made") },
    timeout: "5s",
  });
  const tickets = new mcp.Server("tickets", {
    target,
    remote: {
      url: "https://tickets.example.com/mcp",
      headers: { Authorization: secrets.ref("given"), "X-Team": "support" },
    },
  });
  const agent = new mcp.Consumer("agent", {
    identity: { scope: "support" },
    uses: [
      notes.tool("search_nodes", { arguments: { query: "any" } }),
      utilities.tool("echo", { arguments: { message: "hello" }, expect: { contains: "hello" } }),
      tickets.tool("find_ticket", { arguments: { id: 7 } }),
    ],
  });
  const gateway = new mcp.Gateway("edge", {
    target,
    servers: [notes, utilities, tickets],
    consumers: [agent],
    resilience: { timeout: "10s" },
    objectives: { availability: 0.99, p95: "2s" },
  });
  const smokeTest = new mcp.SmokeTest("smoke", { gateway });
  const alerting = new mcp.Alerting("alerts", { gateway, smokeTest });
  const integration = new mcp.Integration("support", {
    requirements: { purpose: "Support agents answer customers", owner: "support" },
    gateway,
    alerting,
    smokeTest,
  });
  return { target, secrets, notes, utilities, tickets, agent, gateway, smokeTest, alerting, integration };
}
