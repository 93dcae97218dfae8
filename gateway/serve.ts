import type { Server } from "node:http";
import type { AddressInfo } from "node:net";
import { metadataPages, protectedResource } from "./authentication/protected-resource.ts";
import { backendsOf } from "./backends/index.ts";
import type { GatewayConfig } from "./config.ts";
import { outbound } from "./credentials/index.ts";
import { Health } from "./health.ts";
import { livePage, mcpListener, type Page } from "./http/listener.ts";
import { listening } from "./http/listening.ts";
import { limitsOf } from "./limits/limits.ts";
import type { Logger } from "./logging.ts";
import { Metrics } from "./metrics.ts";
import { pinsOf } from "./pinning/catalogue-pins.ts";
import { Router } from "./router.ts";
import { gatewayService } from "./service.ts";
import { Activity } from "./status/activity.ts";
import { statusPages } from "./status/index.ts";
import { ChangeHub } from "./subscriptions/hub.ts";
import { tracing } from "./tracing/index.ts";
import { traced } from "./tracing/service.ts";
import type { Upstream } from "./upstream.ts";

/** A running gateway. */
export interface Gateway {
  /** What listens, and where. */
  server: Server;
  port: number;
  /** Finishes what is under way, at most `deadlineMs` milliseconds, and ends. */
  stop(deadlineMs: number): Promise<void>;
}

/**
 * Starts the gateway.
 *
 * @param listen makes its server listen.
 * @throws the listen error (`EADDRINUSE`, `EACCES`, …) when the port can't be had.
 */
export async function serve(
  config: GatewayConfig,
  env: NodeJS.ProcessEnv,
  logger: Logger,
  listen = listening,
): Promise<Gateway> {
  const metrics = new Metrics(config);
  let port = 0;
  const credentials = outbound(config, env, {
    logger,
    port: () => port,
    onConnected: (server, subject) => changes.changedFor(subject, server),
  });
  const upstreams = new Map(config.servers.map((server) => [server.name, credentials.upstreamOf(server)]));
  const pins = pinsOf(config, {
    check: (server) => void health.check(server),
    onCounted: (server, tools) => metrics.unpinned(server, tools),
  });
  const health = new Health(config, upstreams, {
    onListed: (server, tools) => pins.listed(server, tools),
    onChecked(server, { status, reason }, changed) {
      metrics.backend(server, status === "up");
      if (changed)
        logger[status === "up" && !reason ? "info" : "warn"]({ server, status, reason }, "backend");
    },
  });
  const backends = backendsOf(config, upstreams, { health, metrics, logger });
  const activity = new Activity();
  const changes = changesOf(config, upstreams, (server) => void health.check(server));
  const router = new Router({
    backends,
    changes,
    pins,
    asksPeople: credentials.asksPeople,
    health,
    metrics,
    activity,
    logger,
  });
  const scrape = () =>
    metrics.text(config.smokeReport, () => {
      logger.warn({ file: config.smokeReport }, "the smoke test's report is damaged; no metric from it");
    });
  const resource = config.auth === "jwt" ? protectedResource(config, () => port) : undefined;
  const recorder = config.tracing && (await tracing(config.name, config.tracing, logger));
  const service = traced(
    gatewayService(config, {
      router,
      metrics,
      logger,
      limits: limitsOf(config),
      resource,
      changes,
      credentials,
    }),
    recorder,
  );
  const listener = mcpListener(service, {
    path: config.path,
    maxRequestBytes: config.maxRequestBytes,
    allowedHosts: config.allowedHosts,
    allowedOrigins: config.allowedOrigins,
    pages: {
      ...pages(health, metrics.registry.contentType, scrape),
      ...statusPages({ config, health, metrics, activity }),
      ...(resource && metadataPages(resource)),
      ...credentials.pages,
    },
    // Names only: messages from below may quote what a client or server sent.
    onError: (error) => logger.debug({ error: error.name }, "request not served"),
  });
  await listen(listener.server, config.listen);
  port = (listener.server.address() as AddressInfo).port;
  health.start();
  logger.info(
    { host: config.listen.host, port, path: config.path, servers: [...upstreams.keys()] },
    "listening",
  );
  return {
    server: listener.server,
    port,
    async stop(deadlineMs) {
      health.stop();
      await listener.drain(deadlineMs);
      changes.close();
      await Promise.all([...upstreams.values()].map((upstream) => upstream.close()));
      await recorder?.close();
    },
  };
}

/** Changes of every server that callers know, and of those that may stand in for it. */
function changesOf(
  { servers, failover }: GatewayConfig,
  upstreams: ReadonlyMap<string, Upstream>,
  onToolsChanged: (server: string) => void,
): ChangeHub {
  const standbys = new Map(failover.map(({ primary, standby }) => [primary, standby]));
  return new ChangeHub(
    new Map(
      servers.map(({ name }) => {
        const members = [name, ...(standbys.get(name) ?? [])].flatMap((each) => upstreams.get(each) ?? []);
        return [name, members];
      }),
    ),
    onToolsChanged,
  );
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
