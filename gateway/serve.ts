import type { AddressInfo } from "node:net";
import { type Grants, grantsByConsumer } from "./access.ts";
import { authenticator, type Identity } from "./authentication/authenticator.ts";
import { challenge, DESCRIPTION, insufficientScope } from "./authentication/challenge.ts";
import { backendsOf } from "./backends/index.ts";
import type { Caller } from "./caller.ts";
import type { GatewayConfig } from "./config.ts";
import { Health } from "./health.ts";
import { type Listener, livePage, mcpListener, type Page } from "./http/listener.ts";
import { listening } from "./http/listening.ts";
import type { Description, McpService, Refusal } from "./http/service.ts";
import type { Logger } from "./logging.ts";
import { Metrics } from "./metrics.ts";
import { unpinned } from "./pinning/pins.ts";
import { CLIENT_INFO } from "./protocol/codec.ts";
import { NOT_GRANTED, Router } from "./router.ts";
import { tracing } from "./tracing/index.ts";
import { traced } from "./tracing/service.ts";
import { Upstream } from "./upstream.ts";

/** A running gateway. */
export interface Gateway {
  /** The port it listens on. */
  port: number;
  /** Finishes what is under way, at most `deadlineMs` milliseconds, and ends. */
  stop(deadlineMs: number): Promise<void>;
}

/**
 * Starts the gateway.
 *
 * @throws the listen error (`EADDRINUSE`, `EACCES`, …) when the port can't be had.
 */
export async function serve(config: GatewayConfig, env: NodeJS.ProcessEnv, logger: Logger): Promise<Gateway> {
  const metrics = new Metrics();
  const upstreams = new Map(config.servers.map((server) => [server.name, new Upstream(server, env)]));
  const health = new Health(config, upstreams, {
    onChecked(server, { status, reason }, changed) {
      metrics.backend(server, status === "up");
      if (changed)
        logger[status === "up" && !reason ? "info" : "warn"]({ server, status, reason }, "backend");
    },
  });
  const backends = backendsOf(config, upstreams, { health, metrics, logger });
  const router = new Router({ backends, pins: unpinned, health, metrics, logger });
  const scrape = () =>
    metrics.text(config.smokeReport, () => {
      logger.warn({ file: config.smokeReport }, "the smoke test's report is damaged; no metric from it");
    });
  const recorder = config.tracing && (await tracing(config.name, config.tracing, logger));
  const service = traced(gatewayService(config, router, metrics), recorder);
  const listener = mcpListener(service, {
    path: config.path,
    maxRequestBytes: config.maxRequestBytes,
    allowedHosts: config.allowedHosts,
    allowedOrigins: config.allowedOrigins,
    pages: pages(health, metrics.registry.contentType, scrape),
    // Names only: messages from below may quote what a client or server sent.
    onError: (error) => logger.debug({ error: error.name }, "request not served"),
  });
  const port = await listen(listener, config.listen);
  health.start();
  logger.info(
    { host: config.listen.host, port, path: config.path, servers: [...upstreams.keys()] },
    "listening",
  );
  return {
    port,
    async stop(deadlineMs) {
      health.stop();
      await listener.drain(deadlineMs);
      await Promise.all([...upstreams.values()].map((upstream) => upstream.close()));
      await recorder?.close();
    },
  };
}

/**
 * The gateway as a service.
 *
 * Who is not known gets 401 with a `Bearer` challenge (both eras: MCP authorization, "Token handling"). Who is known
 * and asks for what is not granted gets 403 with `insufficient_scope` and, in the body, a JSON-RPC error with the
 * request's id ("Scope challenge handling"): both SDK clients turn the status into an error for the caller, and those
 * without an OAuth provider don't retry. Without authentication there is no other token to fetch, so there it is a
 * plain JSON-RPC error on 200, as for an unknown tool. Neither says whether the thing exists.
 */
function gatewayService(config: GatewayConfig, router: Router, metrics: Metrics): McpService<Caller> {
  const authenticate = authenticator(config);
  const grants = grantsByConsumer(config);
  const descriptions = new Map([...grants.values()].map((each) => [each, describe(config, each)]));
  const callerOf = (identity: Identity): { caller: Caller } | Refusal => {
    const known = "consumers" in identity ? grants.get(identity.consumers.join()) : undefined;
    if (known && "consumers" in identity) {
      return { caller: { grants: known, subject: identity.subject, token: identity.token } };
    }
    const failure = "failure" in identity ? identity.failure : "unknown_token";
    metrics.authFailure(failure);
    const message = `Unauthorized: ${DESCRIPTION[failure]}`;
    return { status: 401, message, challenge: challenge(config.name, failure) };
  };
  return {
    authenticate(authorization) {
      const identity = authenticate(authorization);
      return identity instanceof Promise ? identity.then(callerOf) : callerOf(identity);
    },
    authorize(caller, request, requestId) {
      if (config.auth === "none") return undefined;
      if (!router.denies(caller.grants, request, requestId)) return undefined;
      return { status: 403, message: NOT_GRANTED, challenge: insufficientScope(config.name) };
    },
    describe: async (caller) => descriptions.get(caller.grants) ?? describe(config, caller.grants),
    handle: (request, exchange) => router.handle(request, exchange),
    answered: (caller, method, status) => metrics.request(caller?.grants.consumer ?? "", method, status),
    refused: (reason) => metrics.authFailure(reason),
  };
}

/** A caller is told of those features that it has something of. */
function describe(config: GatewayConfig, grants: Grants): Description {
  const prompts = grants.servers("prompts").length > 0;
  const resources = grants.servers("resources").length > 0;
  return {
    serverInfo: { name: config.name, version: CLIENT_INFO.version },
    capabilities: {
      tools: {},
      ...(prompts && { prompts: {} }),
      ...(resources && { resources: {} }),
      ...((prompts || resources) && { completions: {} }),
    },
  };
}

/**
 * The pages ask for no token: probes and scrapers have none, and there is no secret in them. (They name servers, tools
 * and consumers; the listener is on loopback or inside a cluster.)
 *
 * - `/health` is readiness: 200 as long as anything works, since taking the whole gateway away because of one backend
 *   would make a partial loss total; 503 when nothing works, or the gateway is about to end.
 * - `/live` is liveness: 200 whatever the backends do, since a restart of the gateway cures no backend.
 */
function pages(health: Health, type: string, scrape: () => Promise<string>): Record<string, Page> {
  return {
    "/live": livePage,
    "/health": async ({ draining }) => {
      const report = await health.report();
      const status = draining || report.status === "down" ? 503 : 200;
      const body = JSON.stringify(draining ? { ...report, status: "draining" } : report);
      return { status, type: "application/json", body };
    },
    "/metrics": async () => ({ status: 200, type, body: await scrape() }),
  };
}

async function listen({ server }: Listener, address: GatewayConfig["listen"]): Promise<number> {
  await listening(server, address);
  return (server.address() as AddressInfo).port;
}
