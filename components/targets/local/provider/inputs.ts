import { z } from "zod";
import { gatewayConfigSchema } from "../../../../gateway/config.ts";

/** Names that an environment variable may have, and that so are no path. */
export const variableName = /^[A-Za-z_][A-Za-z0-9_]*$/;

/** What is wrong with any other. */
export const noVariableName = "is no name of an environment variable; use letters, digits and underscores";

/** A program that this machine can start: exactly one of `package` and `command`. */
export const programSchema = z.object({
  /** A pinned npm package, `npm:@scope/name@1.2.3`: installed into a cache outside the project, its `bin` is started. */
  package: z.string().startsWith("npm:").optional(),
  /** Which of the package's commands, where it has several. */
  bin: z.string().optional(),
  /** A command on PATH or an absolute path. */
  command: z.string().min(1).optional(),
});

/**
 * Inputs of the resource `mcp-infra-local:index:Process`: one long-lived process on this machine that speaks
 * MCP. Exactly one of `stdio`, `http` and `gateway` says what runs.
 */
export const processInputsSchema = z.strictObject({
  /** Absolute path of the stack's run-time directory; everything the process leaves behind is below it. */
  directory: z.string().startsWith("/"),
  /** Name of the server or gateway; with `directory` it is the identity of the process. */
  name: z.string().regex(/^[a-z][a-z0-9-]{0,39}$/),
  /** A server that speaks stdio: runs behind the gateway program's bridge mode, on a Unix socket. */
  stdio: z
    .strictObject({
      ...programSchema.shape,
      args: z.array(z.string()),
      /** Longest time for one request, in milliseconds; the bridge cancels what takes longer. */
      timeoutMs: z.int().positive(),
      /** How many clients that can be asked something may have a process of the server each. Absent: none. */
      sessionProcesses: z.int().positive().optional(),
    })
    .optional(),
  /** A server that speaks streamable HTTP itself, on a port of loopback. */
  http: z
    .strictObject({
      ...programSchema.shape,
      args: z.array(z.string()),
      port: z.int().min(1).max(65_535),
      path: z.string().startsWith("/"),
    })
    .optional(),
  /** The gateway program; its configuration is written to a file of mode 0600. */
  gateway: z.strictObject({ config: gatewayConfigSchema }).optional(),
  /** Plain environment variables. */
  env: z.record(z.string(), z.string()).default({}),
  /** Environment variables whose values are secrets; marked so in Pulumi, encrypted in the state. */
  secretEnv: z.record(z.string(), z.string()).default({}),
  /**
   * Environment variables that hold the path of a file with a secret in it, by the secret; marked so in Pulumi,
   * encrypted in the state.
   */
  secretFiles: z.record(z.string().regex(variableName, noVariableName), z.string()).optional(),
  /** Whether the server keeps data: its working directory survives restarts and is deleted with the resource. */
  storage: z.boolean().default(false),
  /** How long a start may take until the process answers in MCP, in milliseconds. */
  startTimeoutMs: z.int().positive().default(60_000),
  /** Changes when the framework's own programs change, so that an upgrade restarts what it must. */
  revision: z.string().default(""),
});

/** Inputs of a local process, after defaults. */
export type ProcessInputs = z.infer<typeof processInputsSchema>;
