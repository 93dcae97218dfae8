import { z } from "zod";
import { exposedName, nameSchema, nonEmptySchema } from "./names.ts";
import { rateLimitSchema } from "./resilience.ts";

/** What an example call must give. */
const expectationSchema = z.strictObject({
  /** Text that must occur in the result. */
  contains: nonEmptySchema,
});

const useShape = { server: z.string(), expect: expectationSchema.optional() };

/** One thing that a consumer uses, with the example that proves it. */
export const useSchema = z.union(
  [
    z.strictObject({
      ...useShape,
      tool: nonEmptySchema,
      arguments: z.record(z.string(), z.unknown()).optional(),
    }),
    z.strictObject({
      ...useShape,
      prompt: nonEmptySchema,
      arguments: z.record(z.string(), z.string()).optional(),
    }),
    z.strictObject({ ...useShape, resource: nonEmptySchema }),
  ],
  {
    error:
      "is no use: name exactly one of tool, prompt and resource, and if you like an example with arguments and expect: { contains }",
  },
);

/** One consumer: an agent or application, who it is and what it uses. */
export const consumerSchema = z.strictObject({
  name: nameSchema,
  identity: z
    .strictObject({
      scope: z
        .string()
        .regex(/^[\x21\x23-\x5b\x5d-\x7e]+$/, "is no OAuth scope (RFC 6749, section 3.3)")
        .optional(),
      /** The OAuth client that calls (`client_id` or `azp` of its token). */
      client: nonEmptySchema.optional(),
    })
    .default({}),
  limit: rateLimitSchema.optional(),
  uses: z.array(useSchema).min(1, "is empty: a consumer that uses nothing needs no access"),
});

/** One consumer, resolved. */
export type ConsumerModel = z.output<typeof consumerSchema>;

/** One use of a tool, a prompt or a resource. */
export type UseModel = z.output<typeof useSchema>;

/** Whether the smoke test can call this use: an example is given for it. */
export function hasExample(use: UseModel): boolean {
  return "resource" in use || use.arguments !== undefined || use.expect !== undefined;
}

/** A use in a few words, such as `tool github__search_code`. */
export function describeUse(use: UseModel): string {
  if ("tool" in use) return `tool ${exposedName(use.server, use.tool)}`;
  if ("prompt" in use) return `prompt ${exposedName(use.server, use.prompt)}`;
  return `resource ${use.resource}`;
}
