import { z } from "zod";
import { durationSchema } from "./duration.ts";
import { nameSchema, nonEmptySchema } from "./names.ts";

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
  auth: z.strictObject({ mode: z.enum(["tokens", "none"]).default("tokens") }).prefault({}),
  resilience: z.strictObject({ timeout: durationSchema.optional() }).default({}),
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

const loopbackHosts = new Set(["localhost", "::1", "[::1]"]);

/** Whether only this machine can reach a host: 127.0.0.0/8, ::1 or `localhost`. */
export function isLoopback(host: string): boolean {
  return loopbackHosts.has(host) || /^127(\.\d{1,3}){3}$/.test(host);
}
