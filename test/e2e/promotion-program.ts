import * as pulumi from "@pulumi/pulumi";
import * as mcp from "../../components/index.ts";

/** One program of several stacks: what is declared goes to the first of them, what is promoted to the others. */
const config = new pulumi.Config();
const release = config.getBoolean("unreleased") ? undefined : mcp.readRelease();
const cluster = config.getObject<mcp.KubernetesArgs>("kubernetes");
const target = cluster ? mcp.kubernetes({ ...cluster, release }) : mcp.local({ release });

const files = new mcp.Server("files", {
  target,
  stdio: {
    package: `npm:@modelcontextprotocol/server-filesystem@${config.get("files") ?? "2026.7.10"}`,
    args: [mcp.dataDirectory],
  },
  storage: true,
});
const tools = new mcp.Server("tools", {
  target,
  stdio: config.getBoolean("command")
    ? { command: "node", args: [config.require("script"), "stdio"] }
    : { package: "npm:@modelcontextprotocol/server-everything@2026.8.31", args: ["stdio"] },
});
const agent = new mcp.Consumer("agent", {
  identity: { scope: "agent" },
  uses: [
    files.tool("list_directory", { arguments: { path: "." } }),
    ...(config.getBoolean("lean") ? [] : [tools.tool("echo", { arguments: { message: "hello" } })]),
  ],
});
const gateway = new mcp.Gateway("edge", {
  target,
  servers: [files, tools],
  consumers: [agent],
  listen: { port: config.requireNumber("port") },
  ...(!config.getBoolean("patient") && { resilience: { timeout: "10s" } }),
  objectives: { availability: 0.99, p95: "2s" },
});
const smokeTest = new mcp.SmokeTest("smoke", { gateway, deadline: "30s" });
new mcp.Alerting("alerts", { gateway, smokeTest });

export const endpoint = gateway.endpoint;
