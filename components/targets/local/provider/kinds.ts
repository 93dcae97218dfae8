import type { z } from "zod";
import { type ProcessInputs, processInputsSchema, type programSchema } from "./inputs.ts";
import { socketPath } from "./runtime-directory.ts";

/** A program of the user's, with the path of the property that declares it. */
export interface DeclaredProgram {
  readonly property: "stdio" | "http";
  readonly program: z.infer<typeof programSchema>;
  readonly args: readonly string[];
}

/** The user's program in a process; the gateway has none. */
export function declaredProgram(inputs: Pick<ProcessInputs, "stdio" | "http">): DeclaredProgram | undefined {
  if (inputs.stdio !== undefined)
    return { property: "stdio", program: inputs.stdio, args: inputs.stdio.args };
  if (inputs.http !== undefined) return { property: "http", program: inputs.http, args: inputs.http.args };
  return undefined;
}

/** The property to name when a process doesn't work: the one that chose the program. */
export function programProperty(inputs: ProcessInputs): string {
  const declared = declaredProgram(inputs);
  if (declared === undefined) return "gateway.config";
  return `${declared.property}.${declared.program.package === undefined ? "command" : "package"}`;
}

/** A port that a process listens on, with the property that declares it. */
export interface DeclaredPort {
  readonly property: "http.port" | "gateway.config.listen.port";
  readonly port: number;
  readonly host: string;
}

/** The port of a process; a stdio server has a socket instead. */
export function declaredPort(inputs: Pick<ProcessInputs, "http" | "gateway">): DeclaredPort | undefined {
  if (inputs.http !== undefined) return { property: "http.port", port: inputs.http.port, host: "127.0.0.1" };
  if (inputs.gateway === undefined) return undefined;
  return { property: "gateway.config.listen.port", ...inputs.gateway.config.listen };
}

// What the gateway gives them where nothing says more.
const leastDrainMilliseconds = 10_000;

/** How long a gateway that ends may have calls under way, from its inputs or state: the longest that it allows one. */
export function drainMilliseconds(gateway: unknown): number {
  const servers = processInputsSchema.shape.gateway.safeParse(gateway).data?.config.servers ?? [];
  const timeouts = servers.flatMap(({ timeoutMs, perTool }) => [
    timeoutMs,
    ...Object.values(perTool).map((tool) => tool.timeoutMs ?? 0),
  ]);
  return Math.max(leastDrainMilliseconds, ...timeouts);
}

/** Where a process is reached: its URL, and its socket when that stands in for the URL's host and port. */
export function endpointOf(inputs: ProcessInputs): { url: string; socket?: string } {
  const port = declaredPort(inputs);
  if (port === undefined)
    return { url: "http://localhost/mcp", socket: socketPath(inputs.directory, inputs.name) };
  // What listens on every address is reached by loopback from here.
  const address = { "0.0.0.0": "127.0.0.1", "::": "::1" }[port.host] ?? port.host;
  const host = address.includes(":") ? `[${address}]` : address;
  return { url: `http://${host}:${port.port}${inputs.http?.path ?? inputs.gateway?.config.path}` };
}
