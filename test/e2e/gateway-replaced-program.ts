import * as pulumi from "@pulumi/pulumi";
import * as mcp from "../../components/index.ts";

/** A gateway that can be changed, also to what no preview can see is wrong: the value of a secret. */
const config = new pulumi.Config();
const target = mcp.local();
const tools = new mcp.Server("tools", {
  target,
  stdio: { package: "npm:@modelcontextprotocol/server-everything@2026.8.31", args: ["stdio"] },
});
const secrets = new mcp.Secrets("keys", { target, values: { tokens: config.requireSecret("key") } });
const agent = new mcp.Consumer("agent", {
  identity: { scope: "agent" },
  uses: [tools.tool("echo", { arguments: { message: "hello" }, expect: { contains: "hello" } })],
});
const gateway = new mcp.Gateway("edge", {
  target,
  servers: [tools],
  consumers: [agent],
  listen: { port: config.requireNumber("port") },
  userTokens: { key: secrets.ref("tokens") },
  resilience: { timeout: config.get("timeout") ?? "10s" },
});

export const endpoint = gateway.endpoint;
export const tokens = gateway.tokens;
