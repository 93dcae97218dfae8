import * as pulumi from "@pulumi/pulumi";
import * as mcp from "../../components/index.ts";

/**
 * What a user of version 0.1 had: `recorded/state-0.1.json` is the state that this program left there. It stays as it is, so
 * that whoever changes the framework sees what becomes of it.
 */
const [port = 0, utilitiesPort = 0] = new pulumi.Config().requireObject<number[]>("ports");
const target = mcp.local();
const secrets = new mcp.Secrets("vault", { target, generate: ["key"] });

const notes = new mcp.Server("notes", {
  target,
  stdio: { package: "npm:@modelcontextprotocol/server-memory@2026.8.31" },
  env: { MEMORY_FILE_PATH: `${mcp.dataDirectory}/notes.jsonl` },
  storage: true,
  tools: ["create_entities", "search_nodes", "read_graph"],
});
const utilities = new mcp.Server("utilities", {
  target,
  http: {
    package: "npm:@modelcontextprotocol/server-everything@2026.8.31",
    args: ["streamableHttp"],
    port: utilitiesPort,
  },
  env: { PORT: String(utilitiesPort), KEY: secrets.ref("key") },
  tools: ["echo", "get-sum"],
});
const reader = new mcp.Consumer("reader", {
  identity: { scope: "notes:read" },
  uses: [
    notes.tool("search_nodes", { arguments: { query: "any" }, expect: { contains: "entities" } }),
    utilities.tool("get-sum", { arguments: { a: 1, b: 2 }, expect: { contains: "3" } }),
  ],
});
const gateway = new mcp.Gateway("edge", {
  target,
  servers: [notes, utilities],
  consumers: [reader],
  listen: { port },
  resilience: { timeout: "10s" },
  objectives: { availability: 0.99, p95: "2s" },
});
const smokeTest = new mcp.SmokeTest("smoke", { gateway });
const alerting = new mcp.Alerting("alerts", { gateway, smokeTest });
new mcp.Integration("support", {
  requirements: { purpose: "Notes that outlive an upgrade", owner: "platform" },
  gateway,
  alerting,
  smokeTest,
});

/** The token that clients have, and go on with. */
export const token = gateway.tokens.apply(({ reader: value }) => value);
