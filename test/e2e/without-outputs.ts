import * as pulumi from "@pulumi/pulumi";
import * as mcp from "../../components/index.ts";

/** A program that exports nothing, so that nothing of it goes on while its cluster is asked. */
const cluster = new pulumi.Config().requireObject<mcp.KubernetesArgs>("kubernetes");
const target = mcp.kubernetes(cluster);
new mcp.Secrets("vault", { target, generate: ["key"] });
