import { isLoopback } from "../../model/index.ts";
import { gatewayConfig, loopbackNames } from "../gateway-config.ts";
import type { GatewayRequest } from "../target.ts";
import { secretInputs } from "./secret-inputs.ts";

/** A gateway as inputs of its local process. */
export function gatewayInputs(request: GatewayRequest, smokeReport: string) {
  const { gateway } = request.model;
  if (!gateway) throw new TypeError(`gateway ${request.name} has no model`);
  const { host, port } = gateway.listen;
  const { config, env, secrets } = gatewayConfig(request, {
    listen: { host, port },
    ...(isLoopback(host) && { allowedHosts: [...new Set([...loopbackNames, host])] }),
    smokeReport,
  });
  return {
    gateway: { config },
    ...(Object.keys(env).length > 0 && { env }),
    ...secretInputs(secrets),
  };
}
