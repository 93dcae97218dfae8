import { z } from "zod";
import { issuerSchema, publicUrlSchema } from "./authorization.ts";
import { durationSchema } from "./duration.ts";
import { nameSchema, nonEmptySchema } from "./names.ts";
import { gatewayResilienceSchema } from "./resilience.ts";
import { plainSecretReferenceSchema, type SecretReference } from "./secret-reference.ts";

const sha256Schema = z.string().regex(/^[0-9a-f]{64}$/, "is no lower-case hex SHA-256");

/** What one identity saw when it was agreed on: SHA-256 of each raw definition, by server and its own name for it. */
const catalogueSchema = z.record(
  nameSchema,
  z.strictObject({ tools: z.record(nameSchema, z.record(nonEmptySchema, sha256Schema)) }),
);

/** Equivalent servers: callers know the primary alone. */
const failoverSchema = z.strictObject({
  primary: nameSchema,
  standby: z.array(nameSchema).min(1, "is empty: a group of one can't fail over"),
  mode: z.enum(["standby", "balanced"]).default("standby"),
});

/** The gateway's own facts; its servers and consumers stand beside it in the integration model. */
export const gatewaySchema = z.strictObject({
  name: nameSchema,
  listen: z
    .strictObject({
      // As URLs write an IPv6 address; sockets take it without brackets.
      host: nonEmptySchema.transform((host) => host.replace(/^\[(.+)\]$/, "$1")).default("127.0.0.1"),
      port: z.int().min(1).max(65_535).default(7400),
    })
    .prefault({}),
  replicas: z.int().min(1).max(100).optional(),
  /** What clients call it by, where that is not where it listens. */
  publicUrl: publicUrlSchema.optional(),
  auth: z
    .strictObject({
      mode: z.enum(["tokens", "jwt", "none"]).optional(),
      issuers: z.array(issuerSchema).default([]),
      /** The gateway's own client at the first issuer, by which a browser proves whose it is. */
      login: z
        .strictObject({ clientId: nonEmptySchema, clientSecret: plainSecretReferenceSchema.optional() })
        .optional(),
    })
    .refine(({ mode, issuers }) => mode !== "jwt" || issuers.length > 0, {
      path: ["issuers"],
      message: "is empty: name who signs the tokens",
    })
    .refine(({ mode, issuers }) => mode === "jwt" || mode === undefined || issuers.length === 0, {
      path: ["issuers"],
      message: "are for mode jwt; leave mode out, or say jwt",
    })
    .transform(({ mode, ...rest }) => ({
      mode: mode ?? (rest.issuers.length > 0 ? ("jwt" as const) : ("tokens" as const)),
      ...rest,
    }))
    .prefault({}),
  resilience: gatewayResilienceSchema,
  failover: z.array(failoverSchema).default([]),
  catalogue: catalogueSchema.optional(),
  /** The key that users' tokens for remote servers are kept encrypted by. */
  userTokens: z.strictObject({ key: plainSecretReferenceSchema }).optional(),
  tracing: z
    .strictObject({
      /** OTLP over HTTP, such as `http://127.0.0.1:4318/v1/traces`. */
      endpoint: z.url({ protocol: /^https?$/, error: "is no http or https URL" }),
      /** Share of calls that are traced when the caller has not decided. */
      ratio: z.number().min(0).max(1).default(0.1),
    })
    .optional(),
  objectives: z
    .strictObject({
      availability: z
        .number()
        .gt(0.5, "is under a half; write 99.9 % as 0.999")
        .lt(1, "can't be promised; write 99.9 % as 0.999"),
      p95: durationSchema,
    })
    .optional(),
});

/** One gateway, resolved. */
export type GatewayModel = z.output<typeof gatewaySchema>;

/** Every secret that the gateway itself is handed, with the property that takes it. */
export function secretsOfGateway(
  gateway: Pick<GatewayModel, "auth" | "userTokens"> | undefined,
): { property: string; reference: SecretReference }[] {
  const loginSecret = gateway?.auth.login?.clientSecret;
  const key = gateway?.userTokens?.key;
  return [
    ...(loginSecret ? [{ property: "auth.login.clientSecret", reference: loginSecret }] : []),
    ...(key ? [{ property: "userTokens.key", reference: key }] : []),
  ];
}
