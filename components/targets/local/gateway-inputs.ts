import type * as pulumi from "@pulumi/pulumi";
import { isLoopback, timeoutOf, type UseModel } from "../../model/index.ts";
import type { GatewayRequest } from "../target.ts";

/** Where no timeout is declared and policy lets that pass, a call still ends: the MCP SDK's own default. */
const lastResortTimeout = 60_000;
const loopbackNames = ["localhost", "127.0.0.1", "[::1]"];

/**
 * A gateway as inputs of its local process. Run-time values stay nested where they belong, so that a first
 * preview, which doesn't know them yet, still knows and checks all the rest.
 */
export function gatewayInputs(request: GatewayRequest, smokeReport: string) {
  const { name, model, endpoints, tokenDigests, headers } = request;
  const { gateway } = model;
  if (!gateway) throw new TypeError(`gateway ${name} has no model`);
  const { host, port } = gateway.listen;
  const env: Record<string, string> = {};
  const secretEnv: Record<string, pulumi.Output<string>> = {};
  const servers = model.servers.map((server) => {
    const headersFromEnv = Object.entries(server.remote?.headers ?? {}).map(([header, value], index) => {
      const variable = `MCP_HEADER_${server.name.replaceAll("-", "_").toUpperCase()}_${index}`;
      const secret = headers[server.name]?.[header];
      if (typeof value === "string") env[variable] = value;
      else if (secret) secretEnv[variable] = secret;
      return [header, variable] as const;
    });
    return {
      name: server.name,
      url: endpoints[server.name]?.url ?? "",
      ...(endpoints[server.name]?.socket && { socket: endpoints[server.name]?.socket }),
      timeoutMs: timeoutOf(server, model) ?? lastResortTimeout,
      ...(headersFromEnv.length > 0 && { headersFromEnv: Object.fromEntries(headersFromEnv) }),
      ...(server.tools && { tools: server.tools }),
    };
  });
  const consumers = model.consumers.map((consumer) => ({
    name: consumer.name,
    ...(tokenDigests[consumer.name] && { tokenSha256: tokenDigests[consumer.name] }),
    ...grants(consumer.uses),
  }));
  return {
    gateway: {
      config: {
        name,
        listen: { host, port },
        path: "/mcp",
        auth: gateway.auth.mode,
        // Web pages may call only what is on this machine, from this machine.
        ...(isLoopback(host) && { allowedHosts: [...new Set([...loopbackNames, host])] }),
        allowedOrigins: isLoopback(host) ? loopbackNames : [],
        servers,
        consumers,
        smokeReport,
      },
    },
    ...(Object.keys(env).length > 0 && { env }),
    ...(Object.keys(secretEnv).length > 0 && { secretEnv }),
  };
}

function grants(uses: readonly UseModel[]) {
  return {
    tools: uses.flatMap((use) => ("tool" in use ? [{ server: use.server, name: use.tool }] : [])),
    prompts: uses.flatMap((use) => ("prompt" in use ? [{ server: use.server, name: use.prompt }] : [])),
    resources: uses.flatMap((use) => ("resource" in use ? [{ server: use.server, uri: use.resource }] : [])),
  };
}
