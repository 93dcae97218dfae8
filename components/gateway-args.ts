import type { GatewayAuthArgs } from "./authorization-args.ts";
import type { Consumer } from "./consumer.ts";
import type { Duration } from "./model/index.ts";
import type { GatewayResilienceArgs } from "./resilience-args.ts";
import type { SecretRef } from "./secrets.ts";
import type { Server } from "./server.ts";
import type { Target } from "./targets/target.ts";

/** Equivalent servers: with the same tools, and either of them as good. */
export interface FailoverArgs {
  /** The one that callers know; it stands in the gateway's `servers`. */
  primary: Server;
  /** Those that stand in for it, the first one first. */
  standby: Server[];
  /**
   * `standby`: the primary is called as long as it works. `balanced`: all of them are called in turn. Default:
   * `standby`.
   */
  mode?: "standby" | "balanced";
}

/** What a {@link Gateway} takes. */
export interface GatewayArgs {
  /** Where it runs. */
  target: Target;
  /** The servers behind it; their tools appear as `server__tool`. */
  servers: Server[];
  /** Who calls through it; each sees and calls only what it uses. */
  consumers: Consumer[];
  /** Where it listens. */
  listen?: {
    /** Address. Default: `127.0.0.1`, this machine alone. Any other needs authentication. */
    host?: string;
    /** Port. Default: 7400. */
    port?: number;
  };
  /** How many instances answer; any of them answers any request. Default: what the target holds for safe. */
  replicas?: number;
  /**
   * URL of the MCP endpoint as clients call it, where that is not where the gateway listens, such as behind a proxy:
   * `https://mcp.example.com/mcp`. Access tokens are for it, and browsers come back to it. Default: on Kubernetes what
   * `expose` of the target makes, else the endpoint.
   */
  publicUrl?: string;
  /** How callers prove who they are. Default: a generated token for each consumer. */
  auth?: GatewayAuthArgs;
  /** What happens when a server is slow or fails. */
  resilience?: GatewayResilienceArgs;
  /**
   * Groups of equivalent servers: callers know the primary alone, and are served by whichever works. A standby need not
   * stand in `servers` too, and nobody uses it directly. Default: none.
   */
  failover?: FailoverArgs[];
  /**
   * The tools as they were agreed on: for each consumer the SHA-256 of each tool's raw definition in canonical JSON
   * (RFC 8785), by server and the server's own name for the tool. A tool whose definition is another is hidden and
   * refused, and the rest is served. Default: none, whatever servers list is taken.
   */
  catalogue?: Record<string, { tools: Record<string, Record<string, string>> }>;
  /**
   * Keeps users' tokens for remote servers, encrypted by the key: 32 bytes as base64url, as `generate` of Secrets makes
   * them. With another key users have to consent anew. On Kubernetes they are on a volume of the gateway's, which then
   * has one replica. Default: none; `remote.auth.perUser` of a server needs it.
   */
  userTokens?: { /** By reference: `secrets.ref(key)`. */ key: SecretRef };
  /** Traces of calls, by OpenTelemetry. Default: none. */
  tracing?: {
    /** Where they go, by OTLP over HTTP: `http://127.0.0.1:4318/v1/traces`. */
    endpoint: string;
    /** Share of calls that are traced where the caller has not decided, from 0 to 1. Default: 0.1. */
    ratio?: number;
  };
  /** What its callers may rely on; read by alerting, the smoke test and readiness. Default: none, which blocks readiness. */
  objectives?: {
    /** Share of calls that succeed, between 0.5 and 1: `0.999`. */
    availability: number;
    /** Latency that 95 of 100 calls stay within. */
    p95: Duration;
  };
}
