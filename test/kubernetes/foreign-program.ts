import * as pulumi from "@pulumi/pulumi";
import * as mcp from "../../components/index.ts";

/** Servers from an image that nobody made for us: one on stdio behind our bridge, one on HTTP in several replicas. */
const config = new pulumi.Config();
const target = mcp.kubernetes(config.requireObject<mcp.KubernetesArgs>("kubernetes"));
const image = config.require("image");

const pipe = new mcp.Server("pipe", {
  target,
  stdio: { image, command: "/server", args: ["stdio"] },
  timeout: "5s",
});
const web = new mcp.Server("web", {
  target,
  http: { image, args: ["http"], port: 8080, sessions: false },
  replicas: 2,
  ...(config.getBoolean("autoscale") && { autoscale: { max: 3 } }),
  timeout: "5s",
});
const example = { arguments: { message: "hello" }, expect: { contains: "hello from" } };
const caller = new mcp.Consumer("caller", {
  identity: { scope: "foreign" },
  uses: [pipe.tool("echo", example), web.tool("echo", example)],
});
const gateway = new mcp.Gateway("edge", { target, servers: [pipe, web], consumers: [caller], replicas: 1 });
new mcp.SmokeTest("smoke", { gateway, deadline: "20s" });

export const endpoint = gateway.endpoint;
export const tokens = gateway.tokens;
