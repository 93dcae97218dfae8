import * as pulumi from "@pulumi/pulumi";
import * as mcp from "../../components/index.ts";

/** A server, and another one that stands in for it. */
const config = new pulumi.Config();
const cluster = config.getObject<mcp.KubernetesArgs>("kubernetes");
const target = cluster ? mcp.kubernetes(cluster) : mcp.local();
const server = (name: string, args: Partial<mcp.ServerArgs> = {}) =>
  new mcp.Server(name, {
    target,
    stdio: { package: "npm:@modelcontextprotocol/server-everything@2026.8.31", args: ["stdio"] },
    ...args,
  });
const tools = server("tools", { perTool: { echo: { repeatable: true } } });
const agent = new mcp.Consumer("agent", {
  identity: { scope: "agent" },
  uses: [tools.tool("echo", { arguments: { message: "hello" }, expect: { contains: "hello" } })],
});
const gateway = new mcp.Gateway("edge", {
  target,
  servers: [tools],
  failover: [{ primary: tools, standby: [server("tools-standby")] }],
  consumers: [agent],
  listen: { port: config.requireNumber("port") },
  resilience: { timeout: "10s" },
});
new mcp.SmokeTest("smoke", { gateway, deadline: "30s" });

export const endpoint = gateway.endpoint;
export const tokens = gateway.tokens;
