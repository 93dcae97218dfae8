import {
  type GatewayModel,
  resilienceOf,
  type ServerModel,
  timeoutOf,
  type UseModel,
} from "../model/index.ts";
import { type IntegrationModel, standbysOf } from "../model/integration.ts";
import { GatewayEnvironment } from "./gateway-environment.ts";
import type { GatewayRequest } from "./target.ts";

/** Where no timeout is declared and policy lets that pass, a call still ends: the MCP SDK's own default. */
export const lastResortTimeout = 60_000;

/** Path of the MCP endpoint. */
export const mcpPath = "/mcp";

/** Where a gateway runs, as its configuration has to know it. */
export interface GatewayPlace {
  listen: { host: string; port: number };
  /** The endpoint's URL there, which access tokens are for where no public URL is declared. */
  url: string;
  /** Host names that requests may carry, against DNS rebinding. Default: any, for a gateway that asks for tokens. */
  allowedHosts?: string[];
  /** Where its smoke report is. */
  smokeReport: string;
  /** Directory for what it keeps over restarts. */
  data: string;
}

/** Names by which this machine calls itself. */
export const loopbackNames = ["localhost", "127.0.0.1", "[::1]"];

/**
 * The gateway program's configuration for a place, with the environment that it refers to. Run-time values stay nested
 * where they belong, so that a first preview, which doesn't know them yet, still knows and checks all the rest.
 */
export function gatewayConfig(
  { name, model, endpoints, tokenDigests, secrets }: GatewayRequest,
  place: GatewayPlace,
) {
  const { gateway } = model;
  if (!gateway) throw new TypeError(`gateway ${name} has no model`);
  const environment = new GatewayEnvironment(secrets);
  const publicUrl = gateway.publicUrl ?? place.url;
  const config = {
    name,
    listen: place.listen,
    path: mcpPath,
    ...authentication(gateway, publicUrl, environment),
    ...((gateway.publicUrl || gateway.auth.mode === "jwt") && { publicUrl }),
    ...(place.allowedHosts && { allowedHosts: place.allowedHosts }),
    // Web pages may call only what is on this machine, from this machine.
    allowedOrigins: place.allowedHosts ? loopbackNames : [],
    servers: model.servers.map((server) => serverConfig(server, model, endpoints[server.name], environment)),
    consumers: model.consumers.map((consumer) => ({
      name: consumer.name,
      ...(tokenDigests[consumer.name] && { tokenSha256: tokenDigests[consumer.name] }),
      ...(consumer.identity.scope && { scope: consumer.identity.scope }),
      ...(consumer.identity.client && { client: consumer.identity.client }),
      ...(consumer.limit && { limit: rateLimit(consumer.limit) }),
      ...grants(consumer.uses),
    })),
    failover: gateway.failover,
    ...(gateway.catalogue && { catalogue: gateway.catalogue }),
    ...(gateway.userTokens && {
      userTokens: {
        directory: `${place.data}/user-tokens`,
        keyEnv: environment.secret("MCP_USER_TOKENS_KEY", gateway.userTokens.key),
      },
    }),
    ...(gateway.tracing && { tracing: gateway.tracing }),
    smokeReport: place.smokeReport,
  };
  return { config, env: environment.plain, secrets: environment.secrets };
}

function authentication({ auth }: GatewayModel, publicUrl: string, environment: GatewayEnvironment) {
  const { mode, issuers, login } = auth;
  if (mode !== "jwt") return { auth: mode };
  return {
    auth: mode,
    issuers: issuers.map(({ issuer, audience, jwksUri }) => ({
      issuer,
      audience: audience ?? publicUrl,
      ...(jwksUri && { jwksUri }),
    })),
    ...(login && {
      login: {
        clientId: login.clientId,
        ...(login.clientSecret && {
          clientSecretEnv: environment.secret("MCP_LOGIN_SECRET", login.clientSecret),
        }),
      },
    }),
  };
}

function serverConfig(
  server: ServerModel,
  model: IntegrationModel,
  endpoint: GatewayRequest["endpoints"][string] | undefined,
  environment: GatewayEnvironment,
) {
  const headers = Object.entries(server.remote?.headers ?? {}).map(([header, value], index) => [
    header,
    environment.value(variable("MCP_HEADER", `${server.name}_${index}`), value),
  ]);
  const tools = toolsOf(server, model);
  return {
    name: server.name,
    url: endpoint?.url ?? "",
    ...(endpoint?.socket && { socket: endpoint.socket }),
    timeoutMs: timeoutOf(server, model) ?? lastResortTimeout,
    ...(headers.length > 0 && { headersFromEnv: Object.fromEntries(headers) }),
    ...(tools && { tools }),
    resilience: resilience(server, model),
    ...(Object.keys(server.perTool).length > 0 && { perTool: perTool(server) }),
    ...(server.remote?.auth && { credentials: credentials(server, environment) }),
  };
}

/** The tools that a server is expected to have: a standby that says nothing of them, what its primary has. */
function toolsOf({ name, tools }: ServerModel, model: IntegrationModel): string[] | undefined {
  const primary = standbysOf(model).get(name);
  return tools ?? model.servers.find((server) => server.name === primary)?.tools;
}

/** How the gateway proves itself to a remote server; tokens are for that server unless another resource is named. */
function credentials({ name, remote }: ServerModel, environment: GatewayEnvironment) {
  const { clientCredentials, tokenExchange, perUser } = remote?.auth ?? {};
  const client = clientCredentials ?? tokenExchange ?? perUser;
  if (!remote || !client) return undefined;
  const { issuer, clientId, clientSecret, scopes, resource = remote.url } = client;
  return {
    kind: clientCredentials ? "client_credentials" : tokenExchange ? "token_exchange" : "per_user",
    issuer,
    clientId,
    ...(clientSecret && {
      clientSecretEnv: environment.secret(variable("MCP_CLIENT_SECRET", name), clientSecret),
    }),
    scopes,
    resource,
  };
}

const variable = (prefix: string, name: string) => `${prefix}_${name.replaceAll("-", "_").toUpperCase()}`;

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
