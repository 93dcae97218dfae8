import { z } from "zod";
import type { Found, FoundFile } from "../found.ts";
import { sse } from "./client.ts";
import { leftOut, read, textSchema } from "./entry.ts";

const portSchema = z.int().min(1).max(65_535).optional();
const specSchema = z.looseObject({
  image: z.string(),
  transport: z.enum(["stdio", "streamable-http", "sse"]).default("stdio"),
  /** As it was called before mcpPort and proxyPort told the two apart. */
  port: portSchema,
  targetPort: portSchema,
  proxyPort: portSchema,
  mcpPort: portSchema,
  args: z.array(textSchema).default([]),
  env: z.array(z.looseObject({ name: z.string(), value: textSchema.default("") })).default([]),
  secrets: z
    .array(z.looseObject({ name: z.string(), key: z.string(), targetEnvName: z.string().optional() }))
    .default([]),
  permissionProfile: z.looseObject({ type: z.string(), name: z.string() }).optional(),
});
const manifestSchema = z.looseObject({
  metadata: z.looseObject({ name: z.string(), namespace: z.string().optional() }),
  spec: specSchema,
});

/** ToolHive's operator makes a pod's proxy of these; here the gateway is one already. */
const understood = [...Object.keys(specSchema.shape), "proxyMode"];

/** Manifests of ToolHive's operator; `undefined` when there is no MCPServer among the documents. */
export function toolhiveFile(documents: readonly unknown[], file: string): FoundFile | undefined {
  const servers = documents.filter((document) => isServer.safeParse(document).success);
  if (servers.length === 0) return undefined;
  const manifests = servers.map((document) => read(manifestSchema, document, file));
  return {
    kind: "ToolHive's manifests",
    servers: manifests.map(server),
    inputs: [],
    namespace: manifests.find(({ metadata }) => metadata.namespace)?.metadata.namespace,
  };
}

const isServer = z.looseObject({
  apiVersion: z.string().regex(/^toolhive\.stacklok\.dev\//),
  kind: z.literal("MCPServer"),
});

function server({ metadata, spec }: z.output<typeof manifestSchema>): Found {
  const { image, transport, args, env, secrets, permissionProfile } = spec;
  const port = spec.mcpPort ?? spec.targetPort ?? spec.port ?? 8080;
  const variable = ({ key, targetEnvName }: { key: string; targetEnvName?: string }) => targetEnvName ?? key;
  return {
    name: metadata.name,
    image: { reference: image, args, ...(transport !== "stdio" && { port }) },
    env: Object.fromEntries([
      ...env.map(({ name, value }) => [name, value]),
      ...secrets.map((secret) => [variable(secret), `\${${variable(secret)}}`]),
    ]),
    secret: secrets.map(variable),
    remarks: [
      ...(transport === "sse" ? [sse] : []),
      ...secrets.map(
        (secret) =>
          `${variable(secret)}: its value is key ${secret.key} of the cluster's Secret ${secret.name}`,
      ),
      ...permissions(permissionProfile),
      ...leftOut(spec, understood),
    ],
  };
}

/** The profile "network" opens everything; here each destination is named. */
function permissions(profile: { type: string; name: string } | undefined): string[] {
  if (!profile || profile.name === "none") return [];
  return [
    `permissionProfile ${profile.name}: here nothing is reached but what egress names, such as egress: ["api.github.com:443"]`,
  ];
}
