import * as mcp from "../components/index.ts";
import type { Configuration } from "./configuration.ts";
import packages from "./packages.json" with { type: "json" };

/** Where a stack runs: on the cluster that its configuration names, else on this machine. */
export function targetOf(cluster: Configuration["kubernetes"]): mcp.Target {
  // What was promoted to the stack; where nothing was, what is declared.
  const release = mcp.readRelease();
  if (!cluster) return mcp.local({ release });
  const { namespace, context, image, expose } = cluster;
  return mcp.kubernetes({
    release,
    namespace,
    context,
    image: image
      ? { reference: image, packages: Object.values(packages) }
      : mcp.readImage(".mcp-infra/image.json"),
    expose: expose && {
      host: expose.host,
      gatewayApi: { gateway: expose.gateway.name, namespace: expose.gateway.namespace },
    },
  });
}
