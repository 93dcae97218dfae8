import { z } from "zod";
import { secureUrlSchema } from "../components/model/authorization.ts";

const rateLimitSchema = z.strictObject({ calls: z.int().positive(), perMs: z.int().positive() });

/** OAuth client at an authorization server whose metadata names the endpoints (RFC 8414). */
const clientSchema = z.strictObject({
  issuer: z.url(),
  clientId: z.string().min(1),
  /** Environment variable with its secret; absent for a public client. */
  clientSecretEnv: z.string().optional(),
  scopes: z.array(z.string()),
  /** Whom the token is for (RFC 8707). */
  resource: z.url(),
});

/** How failures of a server are met. What is absent is off; safe defaults are the declaration's business. */
const resilienceSchema = z.strictObject({
  /** For calls that may be repeated; `attempts` counts the first one. */
  retry: z
    .strictObject({
      attempts: z.int().min(1),
      backoffMs: z.int().positive(),
      maxBackoffMs: z.int().positive(),
    })
    .optional(),
  /** After so many failures in a row no calls for `cooldownMs`, then one that tries. */
  circuitBreaker: z.strictObject({ failures: z.int().min(1), cooldownMs: z.int().positive() }).optional(),
  /** Calls at once, how many wait for their turn, and how long at most. */
  concurrency: z
    .strictObject({ calls: z.int().min(1), queue: z.int().min(0), waitMs: z.int().positive() })
    .optional(),
});

/** What is different for one tool. */
const toolSettingsSchema = z.strictObject({
  timeoutMs: z.int().positive().optional(),
  /** Whether a call may be sent twice. Absent: what the server's annotations say (`readOnlyHint`, `idempotentHint`). */
  repeatable: z.boolean().optional(),
  /** Of all callers together, at each instance of the gateway. */
  limit: rateLimitSchema.optional(),
});

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
  /**
   * `tokens`: every request names its consumer by a bearer token. `jwt`: by an access token that one of `issuers` signed.
   * `none`: everyone has what all consumers use together.
   */
  auth: z.enum(["tokens", "jwt", "none"]),
  /** What clients call the endpoint by: the resource that tokens are for (RFC 9728). Absent: where it listens. */
  publicUrl: z.url().optional(),
  /** Who signs tokens, when `auth` is `jwt`. All are trusted alike: a scope or a client means the same from each. */
  issuers: z
    .array(
      z.strictObject({
        issuer: secureUrlSchema,
        /** The `aud` that tokens must carry (RFC 8707). */
        audience: z.string().min(1),
        /** Where its keys are. Absent: what its metadata says. */
        jwksUri: secureUrlSchema.optional(),
      }),
    )
    .default([]),
  /** The gateway's own client at the first issuer, by which a browser proves whose it is. */
  login: z.strictObject({ clientId: z.string().min(1), clientSecretEnv: z.string().optional() }).optional(),
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
      /** How its failures are met. */
      resilience: resilienceSchema.default({}),
      /** What is different for some of its tools, by their names. */
      perTool: z.record(z.string(), toolSettingsSchema).default({}),
      /** How the gateway proves itself to it, beside fixed headers. */
      credentials: z
        .discriminatedUnion("kind", [
          clientSchema.extend({ kind: z.literal("client_credentials") }),
          clientSchema.extend({ kind: z.literal("token_exchange") }),
          clientSchema.extend({ kind: z.literal("per_user") }),
        ])
        .optional(),
    }),
  ),
  /** Equivalent servers: callers know the primary's name alone, and are served by whichever works. */
  failover: z
    .array(
      z.strictObject({
        primary: z.string(),
        standby: z.array(z.string()).min(1),
        mode: z.enum(["standby", "balanced"]),
      }),
    )
    .default([]),
  /** Who may call what. */
  consumers: z.array(
    z.strictObject({
      name: z.string().min(1),
      /** Lower-case hex SHA-256 of its bearer token; absent only when `auth` is `none`. */
      tokenSha256: z
        .string()
        .regex(/^[0-9a-f]{64}$/)
        .optional(),
      /** With `jwt`: the scope that a token must have to be this consumer's. */
      scope: z.string().optional(),
      /** With `jwt`: the client that a token must be issued to. */
      client: z.string().optional(),
      /** Its tool calls, at each instance of the gateway. */
      limit: rateLimitSchema.optional(),
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
  /** Sessions of older clients that can be asked something; others have none. */
  sessions: z
    .strictObject({
      /** How many there may be at once, at each instance of the gateway. */
      max: z.int().positive().default(10_000),
      /** How long one may go unused. */
      idleMs: z.int().positive().default(1_800_000),
    })
    .prefault({}),
  /**
   * The pinned definitions, by consumer: lower-case hex SHA-256 of each tool's raw definition in canonical JSON (RFC 8785),
   * by server and the server's own name. What it doesn't name, be it a consumer, a server or a tool, was not agreed on: it is
   * hidden and refused. Absent: nothing is pinned.
   */
  catalogue: z
    .record(z.string(), z.strictObject({ tools: z.record(z.string(), z.record(z.string(), z.string())) }))
    .optional(),
  /** Where users' tokens for remote servers are kept, encrypted by the key in an environment variable. */
  userTokens: z.strictObject({ directory: z.string().min(1), keyEnv: z.string().min(1) }).optional(),
  /** Where traces go (OTLP over HTTP), and which share of them when the caller has not decided. */
  tracing: z.strictObject({ endpoint: z.url(), ratio: z.number().min(0).max(1) }).optional(),
  /** The smoke test's report file: when it is there, its verdict becomes a metric. */
  smokeReport: z.string().optional(),
});

/** Configuration of the gateway program. */
export type GatewayConfig = z.infer<typeof gatewayConfigSchema>;
