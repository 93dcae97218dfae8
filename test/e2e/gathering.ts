import * as pulumi from "@pulumi/pulumi";
import * as mcp from "../../components/index.ts";

/** The program of a platform team, whose gateway has the servers of another team's stack. */
const config = new pulumi.Config();
const cluster = config.getObject<mcp.KubernetesArgs>("kubernetes");
const target = cluster ? mcp.kubernetes(cluster) : mcp.local();
const offers = await mcp.readOffers(config.get("stack") ?? "organization/offering/test");

const notes = new mcp.Server("memory", {
  target,
  offered: offers.notes,
  tools: config.getObject<string[]>("tools") ?? ["read_graph"],
});
const reader = new mcp.Consumer("reader", {
  identity: { scope: "notes" },
  uses: [notes.tool(config.get("tool") ?? "read_graph", { arguments: {}, expect: { contains: "entities" } })],
});
const gateway = new mcp.Gateway("edge", {
  target,
  servers: [notes],
  consumers: [reader],
  listen: { port: config.requireNumber("port") },
  objectives: { availability: 0.99, p95: "2s" },
});
const smokeTest = new mcp.SmokeTest("smoke", { gateway, deadline: "20s" });
const alerting = new mcp.Alerting("alerts", { gateway, smokeTest });
new mcp.Integration("platform", {
  requirements: { purpose: "One gateway for the servers of several teams", owner: "platform" },
  gateway,
  alerting,
  smokeTest,
});

export const endpoint = gateway.endpoint;
