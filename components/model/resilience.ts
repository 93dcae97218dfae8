import { z } from "zod";
import { durationSchema, resolvedDurationSchema } from "./duration.ts";
import type { GatewayModel } from "./gateway.ts";
import type { ServerModel } from "./server.ts";

/** How often a call that may be repeated is tried. */
const retrySchema = z.strictObject({
  attempts: z.int().min(1).max(10).default(3),
  backoff: durationSchema.default(50),
  maxBackoff: durationSchema.default(1_000),
});

/** When a server that fails is left alone, and for how long. */
const circuitBreakerSchema = z.strictObject({
  failures: z.int().min(1).max(1_000).default(5),
  cooldown: durationSchema.default(10_000),
});

/** How many calls a server gets at once, and how many wait for their turn. */
const concurrencySchema = z.strictObject({
  calls: z.int().min(1).max(10_000).default(64),
  queue: z.int().min(0).max(10_000).default(64),
  wait: durationSchema.default(1_000),
});

const orOff = <Schema extends z.ZodType>(schema: Schema) => z.union([z.literal(false), schema]);

/** What a server may say for itself; absent: its gateway's. */
export const serverResilienceSchema = z.strictObject({
  retry: orOff(retrySchema).optional(),
  circuitBreaker: orOff(circuitBreakerSchema).optional(),
  concurrency: orOff(concurrencySchema).optional(),
});

/** What holds for all servers of a gateway that say nothing else. */
export const gatewayResilienceSchema = z
  .strictObject({
    timeout: durationSchema.optional(),
    retry: orOff(retrySchema).prefault({}),
    circuitBreaker: orOff(circuitBreakerSchema).prefault({}),
    concurrency: orOff(concurrencySchema).prefault({}),
  })
  .prefault({});

/** So many calls in a length of time, at most. */
export const rateLimitSchema = z.strictObject({
  calls: z.int().min(1).max(1_000_000),
  per: durationSchema.default(60_000),
});

/** What is different for one tool of a server. */
export const toolSettingsSchema = z.strictObject({
  timeout: durationSchema.optional(),
  repeatable: z.boolean().optional(),
  limit: rateLimitSchema.optional(),
});

const resolvedRetrySchema = retrySchema.extend({
  backoff: resolvedDurationSchema,
  maxBackoff: resolvedDurationSchema,
});

/** {@link serverResilienceSchema} of a server that was resolved already. */
export const resolvedResilienceSchema = z.strictObject({
  retry: orOff(resolvedRetrySchema).optional(),
  circuitBreaker: orOff(circuitBreakerSchema.extend({ cooldown: resolvedDurationSchema })).optional(),
  concurrency: orOff(concurrencySchema.extend({ wait: resolvedDurationSchema })).optional(),
});

/** {@link toolSettingsSchema} of a server that was resolved already. */
export const resolvedToolSettingsSchema = toolSettingsSchema.extend({
  timeout: resolvedDurationSchema.optional(),
  limit: rateLimitSchema.extend({ per: resolvedDurationSchema }).optional(),
});

/** How failures of a server are met: its own words, else its gateway's. */
export function resilienceOf(
  server: ServerModel,
  { gateway }: { gateway?: GatewayModel },
): z.output<typeof serverResilienceSchema> {
  return {
    retry: server.resilience.retry ?? gateway?.resilience.retry,
    circuitBreaker: server.resilience.circuitBreaker ?? gateway?.resilience.circuitBreaker,
    concurrency: server.resilience.concurrency ?? gateway?.resilience.concurrency,
  };
}
