import { z } from "zod";

/**
 * What the gateway program reads at start: one JSON file, the whole of its configuration. It holds no
 * secret: callers' tokens are here as SHA-256 digests (they are 256 random bits, so a plain digest gives
 * nothing away), and the credentials for remote servers come from environment variables that it names.
 */
export const gatewayConfigSchema = z.strictObject({
  /** Name of the gateway, as in the declaration; the server name that clients see. */
  name: z.string().min(1),
  /** Where it listens. Port 0 takes any free port. */
  listen: z.strictObject({ host: z.string().min(1), port: z.int().min(0).max(65_535) }),
  /** Path of the MCP endpoint. */
  path: z.string().startsWith("/").default("/mcp"),
  /** `tokens`: every request names its consumer by a bearer token. `none`: everyone is `consumers[0]`'s equal, with what all consumers use together. */
  auth: z.enum(["tokens", "none"]),
  /**
   * Host names (without port) that the Host header may carry, against DNS rebinding. Absent: any, for a gateway
   * beyond loopback, which is called by names that only its users know and asks every caller for a token.
   */
  allowedHosts: z.array(z.string()).min(1).optional(),
  /** Host names that a browser's Origin header may carry. */
  allowedOrigins: z.array(z.string()),
  /** The servers behind the gateway. */
  servers: z.array(
    z.strictObject({
      /** Name of the server and prefix of its tools: `name__tool`. */
      name: z.string().regex(/^[a-z][a-z0-9-]*$/),
      /** Its streamable HTTP endpoint. */
      url: z.url(),
      /** Path of a Unix domain socket to reach it by, in place of the URL's host and port. */
      socket: z.string().optional(),
      /** Longest time for one request to it, in milliseconds. */
      timeoutMs: z.int().positive(),
      /** Request headers whose values stand in environment variables: header name to variable name. */
      headersFromEnv: z.record(z.string(), z.string()).default({}),
      /** The tools it is expected to have; others stay hidden. Absent: all that it lists. */
      tools: z.array(z.string()).optional(),
    }),
  ),
  /** Who may call what. */
  consumers: z.array(
    z.strictObject({
      name: z.string().min(1),
      /** Lower-case hex SHA-256 of its bearer token; absent only when `auth` is `none`. */
      tokenSha256: z
        .string()
        .regex(/^[0-9a-f]{64}$/)
        .optional(),
      /** Tools by server and the server's own name for them; `*` is every tool of that server. */
      tools: z.array(z.strictObject({ server: z.string(), name: z.string() })),
      /** Prompts, in the same way. */
      prompts: z.array(z.strictObject({ server: z.string(), name: z.string() })),
      /** Resources by URI; one that ends in `/` stands for all below it. */
      resources: z.array(z.strictObject({ server: z.string(), uri: z.string() })),
    }),
  ),
  /** Largest request body, in bytes. */
  maxRequestBytes: z.int().positive().default(4_194_304),
  /** The smoke test's report file: when it is there, its verdict becomes a metric. */
  smokeReport: z.string().optional(),
});

/** Configuration of the gateway program. */
export type GatewayConfig = z.infer<typeof gatewayConfigSchema>;
