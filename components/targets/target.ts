import type * as pulumi from "@pulumi/pulumi";
import type { SmokeReport } from "../../smoke/report.ts";
import type { Declaration } from "../declaration.ts";
import type { IntegrationModel } from "../model/integration.ts";
import type { ServerModel } from "../model/server.ts";
import type { Release } from "../release.ts";
import type { Rule } from "../rules/rule.ts";
import type { SecretRef } from "../secrets.ts";

/** Where a gateway reaches a server. */
export interface ServerEndpoint {
  /** Its streamable HTTP endpoint. */
  url: pulumi.Input<string>;
  /** Path of a Unix domain socket that stands in for the URL's host and port. */
  socket?: pulumi.Input<string>;
}

/** A server or gateway that a target has made. */
export interface Provisioned<Endpoint> {
  endpoint: Endpoint;
  /** Changes with every new instance of it; the smoke test's evidence holds for one revision only. */
  revision: pulumi.Output<string>;
}

/** Secrets by what takes them, such as an environment variable. */
export type SecretsByName = Record<string, SecretRef>;

/** What a target needs to make a server. */
export interface ServerRequest {
  name: string;
  model: ServerModel;
  /** Its secrets, by environment variable. */
  secrets: SecretsByName;
}

/** What a target needs to make a gateway. */
export interface GatewayRequest {
  name: string;
  /** The gateway with its servers and consumers. */
  model: IntegrationModel;
  /** Where each server is, by its name. */
  endpoints: Record<string, ServerEndpoint>;
  /** Lower-case hex SHA-256 of each consumer's token, by the consumer's name. */
  tokenDigests: Record<string, pulumi.Output<string>>;
  /** Every secret that the model refers to for the gateway to hold: of remote servers, and its own. */
  secrets: readonly SecretRef[];
}

/** What a target needs to set up alerting. */
export interface AlertingRequest {
  name: string;
  /** The gateway to watch, with its alerting. */
  model: IntegrationModel;
  /** The credentials of those who are told, by receiver: `slack`, `pagerDuty`, `webhook`. */
  receivers: SecretsByName;
}

/**
 * Where an integration runs. A target turns resolved models into resources and knows nothing of how they were
 * declared; a new target is a new folder beside this file that implements this interface.
 */
export interface Target {
  /** Its name in models and messages, such as `local`. */
  readonly kind: string;
  /** Its part of a place that several share, such as a namespace of a cluster; a server it offers says so. */
  readonly namespace?: string;
  /** What was promoted to it, in place of what is declared. */
  readonly release?: Release | undefined;
  /** What the program declares on it. */
  readonly declaration: Declaration;
  /** What this target can't do, as rules. */
  readonly capabilities: readonly Rule[];
  /** Makes one server; a remote one needs nothing made. */
  server(request: ServerRequest, options: pulumi.CustomResourceOptions): Provisioned<ServerEndpoint>;
  /** Makes the gateway; its endpoint is the URL for clients. */
  gateway(request: GatewayRequest, options: pulumi.CustomResourceOptions): Provisioned<pulumi.Output<string>>;
  /** Makes a random secret: 256 bits as base64url. */
  generateSecret(name: string, options: pulumi.CustomResourceOptions): pulumi.Output<string>;
  /** Puts alert rules where a Prometheus finds them; answers with their place. */
  alerting(request: AlertingRequest, options: pulumi.CustomResourceOptions): pulumi.Output<string>;
  /** Keeps the last smoke report of a gateway, so that its verdict becomes a metric. */
  keepSmokeReport(gateway: string, report: SmokeReport): Promise<void>;
  /**
   * Hands a URL to `use` at which this machine reaches the gateway, for as long as `use` takes: its endpoint, or a way
   * there that is made for the occasion.
   */
  reach<T>(gateway: string, endpoint: string, use: (url: string) => Promise<T>): Promise<T>;
}
