import * as pulumi from "@pulumi/pulumi";
import * as mcp from "../../components/index.ts";

/** A gateway whose callers' tokens somebody else signs; the variation is what a test gets wrong. */
const config = new pulumi.Config();
const target = mcp.local();
const issuer = config.require("issuer");
const secrets = new mcp.Secrets("vault", {
  target,
  values: { reader: config.requireSecret("reader"), writer: config.requireSecret("writer") },
});
const tools = new mcp.Server("tools", {
  target,
  stdio: { package: "npm:@modelcontextprotocol/server-everything@2026.8.31", args: ["stdio"] },
});
const sum = { arguments: { a: 1, b: 2 }, expect: { contains: "3" } };
const hello = { arguments: { message: "hello" }, expect: { contains: "hello" } };
const gateway = new mcp.Gateway("edge", {
  target,
  servers: [tools],
  consumers: [
    new mcp.Consumer("reader", { identity: { scope: "search" }, uses: [tools.tool("get-sum", sum)] }),
    new mcp.Consumer("writer", {
      identity: { scope: "write", client: "writer-app" },
      uses: [tools.tool("echo", hello)],
    }),
  ],
  listen: { port: config.requireNumber("port") },
  auth: { issuers: [{ issuer }] },
  resilience: { timeout: "10s" },
});
const client = (clientId: "reader" | "writer") => ({
  clientCredentials: { issuer, clientId: `${clientId}-app`, clientSecret: secrets.ref(clientId) },
});
new mcp.SmokeTest("smoke", {
  gateway,
  deadline: "30s",
  credentials: { reader: client("reader"), writer: client("writer") },
});

export const endpoint = gateway.endpoint;
export const tokens = gateway.tokens;
