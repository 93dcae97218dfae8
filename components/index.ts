/**
 * The public API of mcp-infra: what a Pulumi program declares an MCP integration with.
 *
 * - The parts: {@link Secrets}, {@link Server}, {@link Consumer}, {@link Gateway}, {@link Alerting},
 *   {@link SmokeTest}, and the whole with its readiness gate, {@link Integration}.
 * - Where they run: {@link local} or {@link kubernetes}; a declaration moves by its target alone.
 * - Several stacks: {@link offer} in the program that runs servers, {@link readOffers} in that of their gateway.
 * - Around a declaration: {@link readConfiguration} for a stack's settings, {@link readImage} for the framework's own
 *   image, {@link readLock} for what was agreed on of its tools, {@link readRelease} for what was promoted to a
 *   stack, {@link dataDirectory} for where a server keeps its data.
 *
 * @packageDocumentation
 */
export { Alerting, type AlertingArgs } from "./alerting.ts";
export type {
  GatewayAuthArgs,
  IssuerArgs,
  LoginArgs,
  OAuthClientArgs,
  OutboundAuthArgs,
} from "./authorization-args.ts";
export { readConfiguration } from "./configuration.ts";
export { Consumer, type ConsumerArgs } from "./consumer.ts";
export { Gateway } from "./gateway.ts";
export type { FailoverArgs, GatewayArgs } from "./gateway-args.ts";
export { type ImageRecord, readImage } from "./image-record.ts";
export { Integration, type IntegrationArgs } from "./integration.ts";
export { readLock } from "./lock.ts";
export { type Duration, dataDirectory } from "./model/index.ts";
export { type Offers, offer, readOffers } from "./offers.ts";
export { type Release, readRelease } from "./release.ts";
export type {
  CircuitBreakerArgs,
  ConcurrencyArgs,
  GatewayResilienceArgs,
  RateLimitArgs,
  RetryArgs,
  ServerResilienceArgs,
  ToolArgs,
} from "./resilience-args.ts";
export { type SecretRef, Secrets, type SecretsArgs } from "./secrets.ts";
export { type Example, Server, type Use } from "./server.ts";
export type { HttpArgs, Offer, ProgramArgs, RemoteArgs, ServerArgs, StdioArgs } from "./server-args.ts";
export { SmokeTest, type SmokeTestArgs } from "./smoke-test.ts";
export { type KubernetesArgs, kubernetes } from "./targets/kubernetes/index.ts";
export { type LocalArgs, local } from "./targets/local/index.ts";
export type { Target } from "./targets/target.ts";
