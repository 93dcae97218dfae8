import { z } from "zod";
import type { Found, FoundFile, Input } from "../found.ts";
import { Unreadable } from "../found.ts";
import { leftOut, read, textSchema } from "./entry.ts";

const entrySchema = z.looseObject({
  type: z.string().optional(),
  command: z.string().optional(),
  args: z.array(textSchema).default([]),
  env: z.record(z.string(), textSchema.nullable()).default({}),
  cwd: z.string().optional(),
  url: z.string().optional(),
  headers: z.record(z.string(), textSchema).default({}),
});

const inputsSchema = z
  .array(z.looseObject({ id: z.string(), password: z.boolean().default(false) }))
  .transform((inputs) => inputs.map(({ id, password }): Input => ({ id, secret: password })));

/** What a client may say of a server that a declaration can't, and nothing is lost without it. */
const understood = [...Object.keys(entrySchema.shape), "description", "name"];

/**
 * Configuration of a client: `mcpServers` as Claude Code, Claude Desktop and Cursor write it, `servers` as VS Code does,
 * there also under `mcp` in its settings. `undefined` for anything else.
 */
export function clientFile(document: unknown, file: string): FoundFile | undefined {
  const root = objectIn(document);
  const settings = objectIn(root?.mcp);
  const [kind, property, entries, inputs] = root?.mcpServers
    ? (["a client's configuration", "mcpServers", root.mcpServers, root.inputs] as const)
    : root?.servers
      ? (["VS Code's mcp.json", "servers", root.servers, root.inputs] as const)
      : (["VS Code's settings", "mcp.servers", settings?.servers, settings?.inputs] as const);
  if (entries === undefined) return undefined;
  const where = `${file}: ${property}`;
  const named = read(z.record(z.string(), z.unknown()), entries, where);
  if (Object.keys(named).length === 0) throw new Unreadable(`${where} is empty: there is nothing to import.`);
  return {
    kind,
    servers: Object.entries(named).map(([name, entry]) => server(name, entry, `${where}.${name}`)),
    inputs: read(inputsSchema.default([]), inputs, `${file}: inputs`),
  };
}

function objectIn(value: unknown): Record<string, unknown> | undefined {
  return typeof value === "object" && value !== null ? (value as Record<string, unknown>) : undefined;
}

function server(name: string, entry: unknown, where: string): Found {
  const { type, command, args, env, cwd, url, headers, ...rest } = read(entrySchema, entry, where);
  if ((command === undefined) === (url === undefined))
    throw new Unreadable(`${where}: has to have a command or a url, and not both.`);
  return {
    name,
    ...(command === undefined ? { remote: { url: url ?? "", headers } } : { start: { command, args } }),
    env: Object.fromEntries(
      Object.entries(env).flatMap(([key, value]) => (value === null ? [] : [[key, value]])),
    ),
    secret: [],
    ...(cwd !== undefined && { cwd }),
    remarks: [...(type === "sse" ? [sse] : []), ...leftOut(rest, understood)],
  };
}

/** Said wherever a server is met that speaks the transport of 2024. */
export const sse =
  "speaks HTTP with SSE, which MCP has replaced: ask its operator for the URL of its streamable HTTP endpoint (often /mcp in place of /sse)";
