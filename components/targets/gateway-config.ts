import { resilienceOf, type ServerModel, timeoutOf, type UseModel } from "../model/index.ts";
import type { IntegrationModel } from "../model/integration.ts";
import type { GatewayRequest, SecretsByName } from "./target.ts";

/** Where no timeout is declared and policy lets that pass, a call still ends: the MCP SDK's own default. */
const lastResortTimeout = 60_000;

/** Where a gateway runs, as its configuration has to know it. */
export interface GatewayPlace {
  listen: { host: string; port: number };
  /** Host names that requests may carry, against DNS rebinding. Default: any, for a gateway that asks for tokens. */
  allowedHosts?: string[];
  /** Where its smoke report is. */
  smokeReport: string;
}

/** Names by which this machine calls itself. */
export const loopbackNames = ["localhost", "127.0.0.1", "[::1]"];

/**
 * The gateway program's configuration for a place, with the environment that it refers to. Run-time values stay nested
 * where they belong, so that a first preview, which doesn't know them yet, still knows and checks all the rest.
 */
export function gatewayConfig(request: GatewayRequest, place: GatewayPlace) {
  const { name, model, endpoints, tokenDigests, headers } = request;
  const env: Record<string, string> = {};
  const secrets: SecretsByName = {};
  const servers = model.servers.map((server) => {
    const headersFromEnv = Object.entries(server.remote?.headers ?? {}).map(([header, value], index) => {
      const variable = `MCP_HEADER_${server.name.replaceAll("-", "_").toUpperCase()}_${index}`;
      const secret = headers[server.name]?.[header];
      if (typeof value === "string") env[variable] = value;
      else if (secret) secrets[variable] = secret;
      return [header, variable] as const;
    });
    return {
      name: server.name,
      url: endpoints[server.name]?.url ?? "",
      ...(endpoints[server.name]?.socket && { socket: endpoints[server.name]?.socket }),
      timeoutMs: timeoutOf(server, model) ?? lastResortTimeout,
      ...(headersFromEnv.length > 0 && { headersFromEnv: Object.fromEntries(headersFromEnv) }),
      ...(server.tools && { tools: server.tools }),
      resilience: resilience(server, model),
      ...(Object.keys(server.perTool).length > 0 && { perTool: perTool(server) }),
    };
  });
  const consumers = model.consumers.map((consumer) => ({
    name: consumer.name,
    ...(tokenDigests[consumer.name] && { tokenSha256: tokenDigests[consumer.name] }),
    ...(consumer.identity.scope && { scope: consumer.identity.scope }),
    ...(consumer.identity.client && { client: consumer.identity.client }),
    ...(consumer.limit && { limit: rateLimit(consumer.limit) }),
    ...grants(consumer.uses),
  }));
  const config = {
    name,
    listen: place.listen,
    path: "/mcp",
    auth: model.gateway?.auth.mode ?? "tokens",
    ...(place.allowedHosts && { allowedHosts: place.allowedHosts }),
    // Web pages may call only what is on this machine, from this machine.
    allowedOrigins: place.allowedHosts ? loopbackNames : [],
    servers,
    consumers,
    failover: model.gateway?.failover ?? [],
    ...(model.gateway?.catalogue && { catalogue: model.gateway.catalogue }),
    ...(model.gateway?.tracing && { tracing: model.gateway.tracing }),
    smokeReport: place.smokeReport,
  };
  return { config, env, secrets };
}

function grants(uses: readonly UseModel[]) {
  return {
    tools: uses.flatMap((use) => ("tool" in use ? [{ server: use.server, name: use.tool }] : [])),
    prompts: uses.flatMap((use) => ("prompt" in use ? [{ server: use.server, name: use.prompt }] : [])),
    resources: uses.flatMap((use) => ("resource" in use ? [{ server: use.server, uri: use.resource }] : [])),
  };
}

/** What is off in the declaration is absent in the configuration. */
function resilience(server: ServerModel, model: IntegrationModel) {
  const { retry, circuitBreaker, concurrency } = resilienceOf(server, model);
  return {
    ...(retry && {
      retry: { attempts: retry.attempts, backoffMs: retry.backoff, maxBackoffMs: retry.maxBackoff },
    }),
    ...(circuitBreaker && {
      circuitBreaker: { failures: circuitBreaker.failures, cooldownMs: circuitBreaker.cooldown },
    }),
    ...(concurrency && {
      concurrency: { calls: concurrency.calls, queue: concurrency.queue, waitMs: concurrency.wait },
    }),
  };
}

function perTool({ perTool }: ServerModel) {
  const settings = Object.entries(perTool).map(([tool, { timeout, repeatable, limit }]) => [
    tool,
    {
      ...(timeout && { timeoutMs: timeout }),
      ...(repeatable !== undefined && { repeatable }),
      ...(limit && { limit: rateLimit(limit) }),
    },
  ]);
  return Object.fromEntries(settings);
}

function rateLimit({ calls, per }: { calls: number; per: number }) {
  return { calls, perMs: per };
}
