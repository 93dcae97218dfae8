import { z } from "zod";
import { durationSchema } from "./duration.ts";
import { nameSchema, nonEmptySchema } from "./names.ts";

/** A secret by the name of its store and its key; never its value. */
export const secretReferenceSchema = z.object({ store: z.string(), key: z.string() });

const byReference =
  "is no text: write plain text, or hand in a secret by reference, secrets.ref(…); run-time values of Pulumi can't stand here";

const environmentValueSchema = z.union([z.string(), secretReferenceSchema], { error: byReference });

const environmentSchema = z.record(
  z.string().regex(/^[A-Za-z_][A-Za-z0-9_]*$/, "is no name of an environment variable"),
  environmentValueSchema,
);

/** What is started: exactly one of `package`, `command` and `image`. */
const programShape = {
  /** `npm:@scope/name@1.2.3`. */
  package: z
    .string()
    .regex(
      /^npm:(?:@[a-z0-9][\w.-]*\/)?[a-z0-9][\w.-]*(?:@[^\s@]+)?$/i,
      'write it as "npm:@scope/name@1.2.3"',
    )
    .optional(),
  bin: nonEmptySchema.optional(),
  command: nonEmptySchema.optional(),
  image: nonEmptySchema.optional(),
  args: z.array(z.string()).default([]),
};

const exactlyOne = (value: Record<string, unknown>, keys: string[]) =>
  keys.filter((key) => value[key] !== undefined).length === 1;

/** A program with what else its transport needs to know. */
const programSchema = <Shape extends z.ZodRawShape>(shape: Shape) =>
  z
    .strictObject({ ...programShape, ...shape })
    .refine(
      (value) => exactlyOne(value, ["package", "command", "image"]),
      "say what to start: exactly one of package, command and image",
    )
    .refine((value) => !("bin" in value) || "package" in value, {
      path: ["bin"],
      message: "names a command of a package; there is no package here",
    });

const stdioSchema = programSchema({});

const httpSchema = programSchema({
  port: z.int().min(1).max(65_535),
  path: z
    .string()
    .regex(/^\/[\w./~-]*$/, "is no path; write one like /mcp")
    .default("/mcp"),
});

const remoteSchema = z.strictObject({
  url: z.url({ protocol: /^https?$/, error: "is no http or https URL" }),
  headers: z
    .record(z.string().regex(/^[!#$%&'*+.^_`|~0-9A-Za-z-]+$/, "is no header name"), environmentValueSchema)
    .default({}),
});

/** One MCP server, engine-neutral: plain data, secrets by reference. */
export const serverSchema = z
  .strictObject({
    name: nameSchema,
    stdio: stdioSchema.optional(),
    http: httpSchema.optional(),
    remote: remoteSchema.optional(),
    env: environmentSchema.default({}),
    replicas: z.int().min(1).max(1_000).default(1),
    timeout: durationSchema.optional(),
    startTimeout: durationSchema.default(60_000),
    storage: z.boolean().default(false),
    tools: z.array(nonEmptySchema).optional(),
  })
  .refine(
    (value) => exactlyOne(value, ["stdio", "http", "remote"]),
    "say how it is reached: exactly one of stdio, http and remote",
  )
  .refine((value) => value.remote === undefined || Object.keys(value.env).length === 0, {
    path: ["env"],
    message: "a remote server gets no environment from here; credentials go into remote.headers",
  });

/** One MCP server as it was resolved: defaults filled in, durations in milliseconds. */
export type ServerModel = z.output<typeof serverSchema>;

/** A secret's name: its store and its key. */
export type SecretReference = z.output<typeof secretReferenceSchema>;

/** The part of a server that says what is started, where something is. */
export function programOf(server: ServerModel): ServerModel["stdio"] {
  return server.stdio ?? server.http;
}

/** Every secret a server is handed: the property that takes it and its reference. */
export function secretsOf(server: ServerModel): { property: string; reference: SecretReference }[] {
  const places = [
    ...Object.entries(server.env).map(([name, value]) => ({ property: `env.${name}`, value })),
    ...Object.entries(server.remote?.headers ?? {}).map(([name, value]) => ({
      property: `remote.headers.${name}`,
      value,
    })),
  ];
  return places.flatMap(({ property, value }) =>
    typeof value === "string" ? [] : [{ property, reference: value }],
  );
}

/**
 * Stands for the directory of a server's own data in its arguments and environment; each target puts the path
 * in. Needs `storage: true`.
 */
export const dataDirectory = "{{mcp.data}}";
