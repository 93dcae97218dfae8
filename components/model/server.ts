import { isIPv4 } from "node:net";
import { z } from "zod";
import { outboundSchema } from "./authorization.ts";
import { durationSchema, resolvedDurationSchema } from "./duration.ts";
import { nameSchema, nonEmptySchema } from "./names.ts";
import {
  resolvedResilienceSchema,
  resolvedToolSettingsSchema,
  serverResilienceSchema,
  toolSettingsSchema,
} from "./resilience.ts";
import { asItself, type SecretReference, secretReferenceSchema } from "./secret-reference.ts";

const byReference =
  "is no text: write plain text, or hand in a secret by reference, secrets.ref(…); run-time values of Pulumi can't stand here";

const environmentValueSchema = z.union([z.string(), secretReferenceSchema], { error: byReference });

const headerValueSchema = environmentValueSchema.refine(
  (value) => typeof value === "string" || !value.file,
  asItself,
);

const environmentSchema = z.record(
  z.string().regex(/^[A-Za-z_][A-Za-z0-9_]*$/, "is no name of an environment variable"),
  environmentValueSchema,
);

/** What is started: exactly one of `package`, `image` and, unless it is an image's, `command`. */
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

/** A command is a program of its own, or the one to start in an image. */
const oneProgram = (value: { package?: unknown; image?: unknown; command?: unknown }) =>
  (value.package !== undefined) !== ((value.image ?? value.command) !== undefined);

/** A program with what else its transport needs to know. */
const programSchema = <Shape extends z.ZodRawShape>(shape: Shape) =>
  z
    .strictObject({ ...programShape, ...shape })
    .refine(
      oneProgram,
      "say what to start: exactly one of package, command and image (an image may have its command beside it)",
    )
    .refine((value) => !("bin" in value) || "package" in value, {
      path: ["bin"],
      message: "names a command of a package; there is no package here",
    });

const stdioSchema = programSchema({ sessionProcesses: z.int().min(1).max(100).optional() });

const httpSchema = programSchema({
  port: z.int().min(1).max(65_535),
  path: z
    .string()
    .regex(/^\/[\w./~-]*$/, "is no path; write one like /mcp")
    .default("/mcp"),
  sessions: z.boolean().default(true),
});

const remoteSchema = z.strictObject({
  url: z.url({ protocol: /^https?$/, error: "is no http or https URL" }),
  headers: z
    .record(z.string().regex(/^[!#$%&'*+.^_`|~0-9A-Za-z-]+$/, "is no header name"), headerValueSchema)
    .default({}),
  auth: outboundSchema.optional(),
});

const egressSchema = z
  .string()
  .regex(/^(?:\*|[a-z0-9](?:[a-z0-9.-]*[a-z0-9])?|\d{1,3}(?:\.\d{1,3}){3}\/\d{1,2}):\d{1,5}$/i, {
    error:
      'is no destination; write host:port or network:port, such as "api.github.com:443" or "10.2.0.0/16:5432"',
    abort: true,
  })
  .refine((text) => {
    const [, address, prefix, port] = /^(?:([\d.]+)\/(\d+)|.*):(\d+)$/.exec(text) ?? [];
    const isNetwork = address === undefined || (isIPv4(address) && Number(prefix) <= 32);
    return isNetwork && Number(port) >= 1 && Number(port) <= 65_535;
  }, "names a network or a port that there can't be");

/** Amounts as Kubernetes writes them; they are what a server is given and what it is held to. */
const resourcesSchema = z.strictObject({
  cpu: z
    .string()
    .regex(/^(?:\d+m|\d+(?:\.\d+)?)$/, 'is no amount of processor; write "250m" or "1.5"')
    .default("100m"),
  memory: z
    .string()
    .regex(/^\d+(?:Ki|Mi|Gi)$/, 'is no amount of memory; write "256Mi" or "1Gi"')
    .default("256Mi"),
});

const autoscaleSchema = z.strictObject({
  max: z.int().min(2).max(1_000),
  cpu: z.number().min(0.1, "is a share of the processor, from 0.1 to 1").max(1).default(0.7),
});

/** Where a server comes from that another stack runs and offers. */
const offeredSchema = z.strictObject({
  /** The stack that runs it, and whose owner answers for it. */
  stack: nonEmptySchema,
  /** Its name there, which its workload has. */
  name: nameSchema,
  /** Kind of the target it runs on. */
  target: nonEmptySchema,
  /** Its part of that target, where that has parts: a namespace of the cluster. */
  namespace: nonEmptySchema.optional(),
});

const serverShape = {
  name: nameSchema,
  stdio: stdioSchema.optional(),
  http: httpSchema.optional(),
  remote: remoteSchema.optional(),
  offered: offeredSchema.optional(),
  env: environmentSchema.default({}),
  replicas: z.int().min(1).max(1_000).default(1),
  autoscale: autoscaleSchema.optional(),
  resources: resourcesSchema.prefault({}),
  egress: z.array(egressSchema).default([]),
  timeout: durationSchema.optional(),
  startTimeout: durationSchema.default(60_000),
  resilience: serverResilienceSchema.default({}),
  perTool: z.record(nonEmptySchema, toolSettingsSchema).default({}),
  storage: z.boolean().default(false),
  tools: z.array(nonEmptySchema).optional(),
};

/** One MCP server, engine-neutral: plain data, secrets by reference. */
export const serverSchema = z
  .strictObject(serverShape)
  .refine(
    (value) => exactlyOne(value, ["stdio", "http", "remote"]),
    "say how it is reached: exactly one of stdio, http and remote",
  )
  .refine((value) => value.remote === undefined || Object.keys(value.env).length === 0, {
    path: ["env"],
    message:
      "a remote server gets no environment from here; credentials go into remote.headers or remote.auth",
  })
  .refine((value) => value.autoscale === undefined || value.autoscale.max > value.replicas, {
    path: ["autoscale", "max"],
    message: "has to be more than replicas, which is the least",
  });

/** A server that was resolved already, by another program; what refused it there is not asked again. */
export const resolvedServerSchema = z.strictObject({
  ...serverShape,
  timeout: resolvedDurationSchema.optional(),
  startTimeout: resolvedDurationSchema,
  // Absent in what programs of before they were there offer.
  resilience: resolvedResilienceSchema.default({}),
  perTool: z.record(nonEmptySchema, resolvedToolSettingsSchema).default({}),
});

/** What the user of an offered server may say of it: less than is offered, never more. */
export const narrowingSchema = z.strictObject(serverShape).pick({ name: true, timeout: true, tools: true });

/** One MCP server as it was resolved: defaults filled in, durations in milliseconds. */
export type ServerModel = z.output<typeof serverSchema>;

/** The part of a server that says what is started, where something is. */
export function programOf(server: ServerModel): ServerModel["stdio"] | ServerModel["http"] {
  return server.stdio ?? server.http;
}

/** The properties by which a server has more than one instance, at once or under load. */
export function severalInstances(
  server: Pick<ServerModel, "replicas" | "autoscale">,
): { property: string; count: number }[] {
  return [
    { property: "replicas", count: server.replicas },
    { property: "autoscale.max", count: server.autoscale?.max ?? 1 },
  ].filter(({ count }) => count > 1);
}

/** Every secret a server is handed: the property that takes it and its reference. */
export function secretsOf(server: ServerModel): { property: string; reference: SecretReference }[] {
  const places = [
    ...Object.entries(server.env).map(([name, value]) => ({ property: `env.${name}`, value })),
    ...Object.entries(server.remote?.headers ?? {}).map(([name, value]) => ({
      property: `remote.headers.${name}`,
      value,
    })),
    ...Object.entries(server.remote?.auth ?? {}).flatMap(([kind, { clientSecret }]) =>
      clientSecret ? [{ property: `remote.auth.${kind}.clientSecret`, value: clientSecret }] : [],
    ),
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
