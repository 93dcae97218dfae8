import { z } from "zod";
import { smokeCredentialSchema } from "./authorization.ts";
import type { ConsumerModel } from "./consumer.ts";
import { durationSchema } from "./duration.ts";
import { type GatewayModel, secretsOfGateway } from "./gateway.ts";
import { nameSchema, nonEmptySchema } from "./names.ts";
import { plainSecretReferenceSchema, type SecretReference } from "./secret-reference.ts";
import { type ServerModel, secretsOf } from "./server.ts";

const secretKeySchema = z
  .string()
  .regex(/^[A-Za-z][\w-]{0,62}$/, "is no key of a secret; use letters, digits, _ and -, a letter first");

/** A secret that an outside store keeps: Vault, AWS Secrets Manager, … */
const externalSecretSchema = z.strictObject({
  key: nonEmptySchema,
  property: nonEmptySchema.optional(),
  version: nonEmptySchema.optional(),
});

/** A store of secrets by its keys; values are no part of the model. */
export const secretStoreSchema = z
  .strictObject({
    name: nameSchema,
    given: z.array(secretKeySchema),
    generated: z.array(secretKeySchema),
    external: z.record(secretKeySchema, externalSecretSchema).default({}),
  })
  .refine((store) => {
    const keys = keysOf(store);
    return new Set(keys).size === keys.length;
  }, "has a key twice among values, generate and external");

/** Every key of a store, wherever its value is from. */
export function keysOf(store: {
  given: string[];
  generated: string[];
  external: Record<string, unknown>;
}): string[] {
  return [...store.given, ...store.generated, ...Object.keys(store.external)];
}

/** Who is told of alerts; each credential is a secret by reference. */
const notifySchema = z
  .strictObject({
    slack: z.strictObject({ channel: nonEmptySchema, url: plainSecretReferenceSchema }).optional(),
    pagerDuty: z.strictObject({ routingKey: plainSecretReferenceSchema }).optional(),
    webhook: z.strictObject({ url: plainSecretReferenceSchema }).optional(),
  })
  .refine((receivers) => Object.keys(receivers).length > 0, "names nobody; give slack, pagerDuty or webhook");

/** Who is told, and how long a fault may last before it is told. */
export const alertingSchema = z.strictObject({
  name: nameSchema,
  notify: notifySchema.optional(),
  /** How long a condition holds before its alert fires. */
  after: durationSchema.default(120_000),
});

/** The smoke test's own limits. */
export const smokeTestSchema = z.strictObject({
  name: nameSchema,
  /** The whole test's deadline, warming up of servers included. */
  deadline: durationSchema.default(60_000),
  /** Where the gateway takes signed tokens: how each consumer's is had, by the consumer's name. */
  credentials: z.record(nameSchema, smokeCredentialSchema).default({}),
});

/** What the integration is for: the part of readiness that no machine can find out. */
export const requirementsSchema = z.strictObject({
  /** What the integration is for, in a sentence. */
  purpose: z.string().min(10, "is too short to tell a reader what the integration is for"),
  /** The team that answers for it. */
  owner: nonEmptySchema,
});

/** A secret store, resolved. */
export type SecretStoreModel = z.output<typeof secretStoreSchema>;
/** Alerting, resolved. */
export type AlertingModel = z.output<typeof alertingSchema>;
/** A smoke test, resolved. */
export type SmokeTestModel = z.output<typeof smokeTestSchema>;
/** The requirements, resolved. */
export type RequirementsModel = z.output<typeof requirementsSchema>;

/**
 * How much of an integration a model tells: a rule that asks for something absent, such as alerting, can
 * answer only where the whole is known.
 */
export type ModelScope = "server" | "gateway" | "integration";

/**
 * The resolved model that everything reads: rules, diagrams, client configurations, alert rules, the smoke
 * test, the targets. Plain data; no Pulumi, no run-time values, no secrets.
 */
export interface IntegrationModel {
  scope: ModelScope;
  /** Name of the integration, else of its gateway, else of its server. */
  name: string;
  /** Kind of the target, such as `local`. */
  target: string;
  servers: ServerModel[];
  consumers: ConsumerModel[];
  secrets: SecretStoreModel[];
  gateway?: GatewayModel;
  alerting?: AlertingModel;
  smokeTest?: SmokeTestModel;
  requirements?: RequirementsModel;
}

/** The longest time for one request to a server: its own, else its gateway's; `undefined` where neither says. */
export function timeoutOf(server: ServerModel, model: Pick<IntegrationModel, "gateway">): number | undefined {
  return server.timeout ?? model.gateway?.resilience.timeout;
}

/** The longest that a call to a server may take, whichever of its tools is called. */
export function longestCallOf(
  server: ServerModel,
  model: Pick<IntegrationModel, "gateway">,
): number | undefined {
  const all = [timeoutOf(server, model), ...Object.values(server.perTool).map(({ timeout }) => timeout)];
  const said = all.filter((timeout) => timeout !== undefined);
  return said.length > 0 ? Math.max(...said) : undefined;
}

/** Each standby with the primary that it stands in for: callers know the primary alone. */
export function standbysOf({ gateway }: Pick<IntegrationModel, "gateway">): ReadonlyMap<string, string> {
  return new Map(
    (gateway?.failover ?? []).flatMap(({ primary, standby }) => standby.map((name) => [name, primary])),
  );
}

/** The servers that callers know: all but those that stand in for another. */
export function exposedServers(model: Pick<IntegrationModel, "servers" | "gateway">): ServerModel[] {
  const standbys = standbysOf(model);
  return model.servers.filter(({ name }) => !standbys.has(name));
}

/** Every secret that servers and gateway are handed, with the property that takes it. */
export function secretUses({
  servers,
  gateway,
}: Pick<IntegrationModel, "servers" | "gateway">): { path: string; reference: SecretReference }[] {
  const ofServers = servers.flatMap((server) =>
    secretsOf(server).map(({ property, reference }) => ({
      path: `server ${server.name}: ${property}`,
      reference,
    })),
  );
  const ofGateway = secretsOfGateway(gateway).map(({ property, reference }) => ({
    path: `gateway ${gateway?.name}: ${property}`,
    reference,
  }));
  return [...ofServers, ...ofGateway];
}
