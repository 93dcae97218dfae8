import { z } from "zod";
import type { Found, FoundFile } from "../found.ts";
import { Unreadable } from "../found.ts";
import { sse } from "./client.ts";
import { read, textSchema } from "./entry.ts";

const inputShape = {
  value: textSchema.optional(),
  default: textSchema.optional(),
  isRequired: z.boolean().default(false),
  isSecret: z.boolean().default(false),
};
const namedSchema = z.looseObject({ name: z.string(), ...inputShape });
const argumentSchema = z.looseObject({
  type: z.enum(["positional", "named"]).default("positional"),
  name: z.string().optional(),
  valueHint: z.string().optional(),
  ...inputShape,
});
const packageSchema = z.looseObject({
  registryType: z.string(),
  identifier: z.string(),
  version: z.string().optional(),
  packageArguments: z.array(argumentSchema).default([]),
  environmentVariables: z.array(namedSchema).default([]),
  transport: z.looseObject({ type: z.string(), url: z.string().optional() }).optional(),
});
const remoteSchema = z.looseObject({
  type: z.string().optional(),
  transportType: z.string().optional(),
  url: z.string(),
  headers: z.array(namedSchema).default([]),
});
const serverSchema = z.looseObject({
  name: z.string(),
  packages: z.array(packageSchema).default([]),
  remotes: z.array(remoteSchema).default([]),
});

type Package = z.output<typeof packageSchema>;
type Remote = z.output<typeof remoteSchema>;
type Named = z.output<typeof namedSchema>;

/** A `server.json` of the MCP registry; `undefined` for anything else. */
export function registryFile(document: unknown, file: string): FoundFile | undefined {
  const camel = camelKeys(document);
  const isServer = z.union([
    z.looseObject({ packages: z.array(z.unknown()) }),
    z.looseObject({ remotes: z.array(z.unknown()) }),
  ]);
  if (!isServer.safeParse(camel).success) return undefined;
  const server = read(serverSchema, camel, file);
  return { kind: "a server.json of the MCP registry", servers: [found(server, file)], inputs: [] };
}

/** Files of before September 2025 have `registry_type` for `registryType`. Names of variables are values, and stay. */
function camelKeys(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(camelKeys);
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).map(([key, each]) => [
      key.startsWith("_") ? key : key.replace(/_([a-z])/g, (_, letter: string) => letter.toUpperCase()),
      camelKeys(each),
    ]),
  );
}

/** A package can be pinned and started here; what runs elsewhere comes next, and what needs more than this machine last. */
const preference = ["npm", "remote", "pypi", "oci"] as const;

function found({ name, packages, remotes }: z.output<typeof serverSchema>, file: string): Found {
  const remote = remotes.find(({ type, transportType }) => (type ?? transportType) !== "sse") ?? remotes[0];
  const byKind: Record<string, Found | undefined> = Object.fromEntries([
    ...packages.toReversed().map((each) => [each.registryType, ofPackage(name, each)]),
    ["remote", remote && ofRemote(name, remote)],
  ]);
  const chosen = preference.find((kind) => byKind[kind]);
  const server = chosen && byKind[chosen];
  if (!server)
    throw new Unreadable(
      `${file}: offers ${packages.map(({ registryType }) => registryType).join(", ") || "nothing"}; what can be imported is npm, pypi, oci and remotes.`,
    );
  const others = preference.filter((kind) => kind !== chosen && byKind[kind]);
  return {
    ...server,
    remarks: [...server.remarks, ...(others.length > 0 ? [`is offered as ${others.join(", ")} too`] : [])],
  };
}

function ofPackage(name: string, described: Package): Found | undefined {
  const { registryType, identifier, version, transport } = described;
  const args = described.packageArguments.flatMap(argument);
  const env = Object.fromEntries(needed(described.environmentVariables));
  const common = {
    name,
    env,
    secret: secrets(described.environmentVariables),
    remarks: optional(described.environmentVariables),
  };
  const pinned = version ? `${identifier}@${version}` : identifier;
  if (registryType === "npm") return { ...common, start: { command: "npx", args: ["-y", pinned, ...args] } };
  if (registryType === "pypi") return { ...common, start: { command: "uvx", args: [pinned, ...args] } };
  if (registryType !== "oci") return undefined;
  const reference = version && !/[:@][^/]*$/.test(identifier) ? `${identifier}:${version}` : identifier;
  const url = transport?.url && URL.parse(transport.url.replace(/\{[^}]*\}/g, "8080"));
  return {
    ...common,
    image: { reference, args, ...(url && { port: Number(url.port || 8080), path: url.pathname }) },
  };
}

function ofRemote(name: string, { type, transportType, url, headers }: Remote): Found {
  return {
    name,
    remote: { url: references(url), headers: Object.fromEntries(needed(headers)) },
    env: {},
    secret: secrets(headers),
    remarks: [...((type ?? transportType) === "sse" ? [sse] : []), ...optional(headers)],
  };
}

/** `{tenant}` in a value is what its user has to give. */
const references = (text: string) => text.replace(/\{(\w+)\}/g, (_, name: string) => `\${${name}}`);

const given = ({ value, default: preset }: { value?: string; default?: string }) => {
  const text = value ?? preset;
  return text === undefined ? undefined : references(text);
};

/** What has a value, and what has to get one. */
function needed(inputs: Named[]): [string, string][] {
  return inputs
    .filter((input) => given(input) !== undefined || input.isRequired || input.isSecret)
    .map((input) => [input.name, given(input) ?? `\${${input.name}}`]);
}

const secrets = (inputs: Named[]) => inputs.filter(({ isSecret }) => isSecret).map(({ name }) => name);

function optional(inputs: Named[]): string[] {
  const kept = new Set(needed(inputs).map(([name]) => name));
  const names = inputs.map(({ name }) => name).filter((name) => !kept.has(name));
  return names.length > 0 ? [`may be given ${names.join(", ")} too`] : [];
}

function argument(input: z.output<typeof argumentSchema>): string[] {
  const value =
    given(input) ?? (input.isRequired ? `\${${input.name ?? input.valueHint ?? "argument"}}` : undefined);
  if (input.type === "positional") return value === undefined ? [] : [value];
  // A flag without a value is there or not; one that wants a value which nobody has given is left out.
  if (value === undefined) return [];
  return [input.name ?? "", value].filter(Boolean);
}
