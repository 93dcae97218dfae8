import { isLoopback } from "../../model/index.ts";
import { gatewayConfig, loopbackNames, mcpPath } from "../gateway-config.ts";
import type { GatewayRequest } from "../target.ts";
import { secretInputs } from "./secret-inputs.ts";

/** A gateway as inputs of its local process. */
export function gatewayInputs(request: GatewayRequest, place: { smokeReport: string; data: string }) {
  const { gateway } = request.model;
  if (!gateway) throw new TypeError(`gateway ${request.name} has no model`);
  const { listen, publicUrl, userTokens } = gateway;
  const { host, port } = listen;
  // A proxy in front may pass on the name by which it was called itself.
  const names = [...loopbackNames, host, ...(publicUrl ? [new URL(publicUrl).hostname] : [])];
  const { config, env, secrets } = gatewayConfig(request, {
    listen: { host, port },
    url: `http://${host.includes(":") ? `[${host}]` : host}:${port}${mcpPath}`,
    ...(isLoopback(host) && { allowedHosts: [...new Set(names)] }),
    ...place,
  });
  return {
    gateway: { config },
    ...(Object.keys(env).length > 0 && { env }),
    ...secretInputs(secrets),
    // What it keeps outlives its restarts, and goes with it.
    ...(userTokens && { storage: true }),
  };
}
