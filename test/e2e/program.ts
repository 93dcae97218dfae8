import * as pulumi from "@pulumi/pulumi";
import * as mcp from "../../components/index.ts";
import { serverSchema } from "../../components/model/index.ts";

/**
 * A small integration that keeps every rule, and variations of it: what a test changes. The variation is named by
 * the stack's configuration, so that a test drives the real CLI as a user does who edits a program.
 */
const config = new pulumi.Config();
const [gatewayPort = 0, utilitiesPort = 0] = config.requireObject<number[]>("ports");
/** The same declaration on either target. */
const cluster = config.getObject<mcp.KubernetesArgs>("kubernetes");
const target = cluster ? mcp.kubernetes(cluster) : mcp.local();

const secrets = new mcp.Secrets("vault", {
  target,
  values: { given: config.getSecret("given") ?? pulumi.secret("a-secret-of-the-test") },
  generate: ["made"],
});

/** A server of a cluster, as another stack would offer it. */
const offeredByCluster: mcp.Offer = {
  stack: "acme/notes/prod",
  target: "kubernetes",
  namespace: "notes",
  model: serverSchema.parse({ name: "notes", http: { command: "notes", port: 8080 } }),
  secrets: [],
  url: "http://notes.notes.svc:8080/mcp",
  revision: "1",
};

const declared = {
  notes: {
    target,
    stdio: { package: "npm:@modelcontextprotocol/server-memory@2026.8.31" },
    env: { MEMORY_FILE_PATH: `${mcp.dataDirectory}/notes.jsonl` },
    storage: true,
    tools: ["create_entities", "search_nodes", "read_graph"],
  } as mcp.ServerArgs,
  utilities: {
    target,
    http: {
      package: "npm:@modelcontextprotocol/server-everything@2026.8.31",
      args: ["streamableHttp"],
      port: utilitiesPort,
    },
    env: { PORT: String(utilitiesPort), GIVEN: secrets.ref("given"), MADE: secrets.ref("made") },
    tools: ["echo", "get-sum"],
  } as mcp.ServerArgs,
  sums: { tool: "get-sum", arguments: { a: 1, b: 2 }, expect: { contains: "3" } } as Record<string, unknown>,
  reads: { tool: "read_graph", arguments: {}, expect: { contains: "entities" } } as Record<string, unknown>,
  echoes: { tool: "echo", arguments: { message: "hello" }, expect: { contains: "hello" } } as Record<
    string,
    unknown
  >,
  gateway: {
    listen: { port: gatewayPort },
    resilience: { timeout: "10s" },
    objectives: { availability: 0.99, p95: "2s" },
  } as Partial<mcp.GatewayArgs>,
  /** Its failover groups, made of the servers once they are there. */
  groups: undefined as
    | undefined
    | ((servers: Record<"notes" | "utilities", mcp.Server>) => mcp.GatewayArgs["failover"]),
  limit: undefined as mcp.RateLimitArgs | undefined,
  identities: { reader: { scope: "arc:read" }, writer: { scope: "arc:write" } },
  twice: false,
  /** So many tools more are used. */
  further: 0,
  parts: { alerting: true, smokeTest: true },
  requirements: { purpose: "Shows that the whole arc works", owner: "tests" } as
    | { purpose: string; owner: string }
    | undefined,
};
type Declared = typeof declared;

/** An authorization server that nobody asks anything of in a preview. */
const issuer = "https://login.example.com";
const client = { issuer, clientId: "edge", clientSecret: secrets.ref("given") };
const remote = (auth: mcp.OutboundAuthArgs): mcp.ServerArgs => ({
  target,
  remote: { url: "https://notes.example.com/mcp", auth },
  tools: ["create_entities", "search_nodes", "read_graph"],
});

const variations: Record<string, (it: Declared) => void> = {
  none: () => {},
  "notes-changed": ({ notes }) => Object.assign(notes.env ?? {}, { CHANGED: "yes" }),
  "utilities-changed": ({ utilities }) => Object.assign(utilities.env ?? {}, { CHANGED: "yes" }),
  "gateway-changed": ({ gateway }) => Object.assign(gateway, { resilience: { timeout: "11s" } }),
  "gateway-scaled": ({ gateway }) => Object.assign(gateway, { replicas: 3 }),
  "two-broken": ({ utilities }) => {
    const http = { ...utilities.http, args: ["no-such-transport"], port: utilitiesPort };
    new mcp.Server("clock", { ...utilities, http, startTimeout: "5s" });
    const image = `mcp-infra.local/missing@sha256:${"0".repeat(64)}`;
    Object.assign(utilities, { http: { image, port: utilitiesPort }, startTimeout: "5s" });
  },
  "notes-broken": ({ notes }) =>
    Object.assign(notes, {
      stdio: { command: "node", args: ["-e", "console.error('the disk is on fire'); process.exit(3)"] },
    }),
  "expectation-broken": ({ echoes }) => Object.assign(echoes, { expect: { contains: "goodbye" } }),
  "gateway-authentication": ({ gateway }) =>
    Object.assign(gateway, { auth: { mode: "none" }, listen: { host: "0.0.0.0", port: gatewayPort } }),
  "stdio-single-replica": ({ notes }) => Object.assign(notes, { replicas: 2 }),
  "session-single-replica": ({ utilities }) => Object.assign(utilities, { replicas: 2 }),
  "pinned-artifacts": ({ notes }) =>
    Object.assign(notes, { stdio: { package: "npm:@modelcontextprotocol/server-memory" } }),
  "no-wildcard-access": ({ reads }) => Object.assign(reads, { tool: "*" }),
  "offered-in-reach": (it) => {
    it.notes = { target, offered: offeredByCluster };
  },
  "known-tools": ({ echoes }) => Object.assign(echoes, { tool: "ecko" }),
  "known-secrets": ({ utilities }) => Object.assign(utilities.env ?? {}, { GIVEN: secrets.ref("gone") }),
  "server-timeout": ({ gateway }) => Object.assign(gateway, { resilience: {} }),
  "smoke-proves-credentials": ({ echoes, sums }) => {
    for (const example of [echoes, sums]) {
      delete example.arguments;
      delete example.expect;
    }
  },
  "secrets-by-reference": ({ utilities }) =>
    Object.assign(utilities.env ?? {}, { API_KEY: "sk-canary-0123456789-abcdefghij" }),
  "alerting-declared": ({ parts }) => {
    parts.alerting = false;
  },
  "distinct-names": (it) => Object.assign(it, { twice: true }),
  "distinct-ports": ({ gateway }) => Object.assign(gateway, { listen: { port: utilitiesPort } }),
  "storage-declared": ({ notes }) => Object.assign(notes, { storage: false }),
  "failover-members": (it) => {
    it.groups = ({ notes }) => [{ primary: notes, standby: [notes] }];
  },
  "failover-equivalent": (it) => {
    it.groups = ({ notes, utilities }) => [{ primary: notes, standby: [utilities] }];
  },
  "known-tool-settings": ({ notes }) =>
    Object.assign(notes, { perTool: { read_grph: { repeatable: true } } }),
  "tool-timeout": ({ notes }) =>
    Object.assign(notes, { timeout: "1s", perTool: { read_graph: { timeout: "2s" } } }),
  "retries-in-time": ({ notes }) =>
    Object.assign(notes, { resilience: { retry: { attempts: 4, backoff: "5s", maxBackoff: "5s" } } }),
  "consumers-told-apart": ({ gateway, identities }) => {
    Object.assign(gateway, { auth: { issuers: [{ issuer }] } });
    identities.writer = identities.reader;
  },
  "token-audience": ({ gateway }) =>
    Object.assign(gateway, {
      auth: { issuers: [{ issuer }] },
      listen: { host: "0.0.0.0", port: gatewayPort },
    }),
  "token-exchange": (it) => {
    it.notes = remote({ tokenExchange: client });
  },
  "per-user-authorization": (it) => {
    it.notes = remote({ perUser: client });
  },
  "smoke-credentials": ({ gateway }) => Object.assign(gateway, { auth: { issuers: [{ issuer }] } }),
  /** Violates every policy that judges a server by itself, on the one that the others are not about. */
  "policies-of-servers": (it) => {
    it.utilities = {
      target,
      remote: { url: "http://utilities.example.com/sse" },
      egress: ["*:443"],
      tools: ["echo", "get-sum", "send_mail"],
      perTool: { send_mail: { repeatable: true } },
    };
  },
  /** Violates what policies judge a gateway by, as far as one program can. */
  "policies-of-gateways": (it) => {
    const publicUrl = "https://mcp.example.com/mcp";
    const url = "https://utilities.example.com/mcp";
    it.utilities = {
      target,
      remote: { url, auth: { clientCredentials: { ...client, resource: publicUrl } } },
    };
    const standby = { target, remote: { url: "http://utilities.example.com/mcp" } };
    it.groups = ({ utilities }) => [{ primary: utilities, standby: [new mcp.Server("second", standby)] }];
    Object.assign(it.gateway, {
      publicUrl,
      resilience: { timeout: "90s", retry: { attempts: 9 }, circuitBreaker: false },
      objectives: { availability: 0.9995, p95: "2s" },
    });
    Object.assign(it.identities, { writer: {} });
    it.echoes = { tool: "delete_everything", arguments: { password: "canary-of-an-example" } };
    it.further = 12;
    it.parts.smokeTest = false;
  },
  "audience-own": (it) => {
    Object.assign(it.gateway, { auth: { issuers: [{ issuer, audience: issuer }] } });
    it.parts.smokeTest = false;
  },
  "nothing-ready": (it) => {
    it.requirements = undefined;
    it.parts.alerting = false;
    it.parts.smokeTest = false;
    delete it.gateway.objectives;
    delete it.gateway.resilience;
  },
  "many-faults": ({ notes, utilities, gateway }) => {
    Object.assign(notes, { replicas: -3, timeout: "soon" });
    Object.assign(utilities, { startTimeout: "1000h", stdoi: {} });
    Object.assign(gateway, { listen: { port: 99_999 }, objectives: { availability: 99, p95: "1s" } });
  },
  "many-faults-of-failures-and-tokens": (it) => {
    Object.assign(it.notes, {
      resilience: { retry: { attempts: 0 }, circuitBreaker: true, concurrency: { wait: "soon" } },
      perTool: { read_graph: { timeout: "1", repeatable: "yes", limit: { calls: 0 } } },
    });
    it.utilities = remote({ clientCredentials: { ...client, issuer: "http://login.example.com" } });
    Object.assign(it.gateway, {
      publicUrl: "mcp.example.com",
      auth: { issuers: [{ issuer: "http://login.example.com" }], login: { clientSecret: "canary" } },
      resilience: { retry: { backof: "1s" } },
      catalogue: { reader: { tools: { notes: { read_graph: "abc" } } } },
      userTokens: { key: "canary" },
      tracing: { endpoint: "collector", ratio: 7 },
    });
    it.groups = ({ notes }) =>
      [{ primary: undefined, standby: [notes, "utilities"], mode: "random" }] as never;
    Object.assign(it.identities.reader, { client: 5 });
    it.limit = { calls: -1 };
  },
  "another-target": ({ gateway }) => {
    const image = { reference: `registry.example.com/mcp-infra@sha256:${"0".repeat(64)}` };
    Object.assign(gateway, { target: mcp.kubernetes({ namespace: "arc", image }) });
  },
  "command-missing": ({ notes }) => Object.assign(notes, { stdio: { command: "no-such-command" } }),
  "package-missing": ({ notes }) =>
    Object.assign(notes, { stdio: { package: "npm:@modelcontextprotocol/server-memory@0.0.77" } }),
};

const variation = variations[config.get("variation") ?? "none"];
if (!variation) throw new pulumi.RunError(`there is no variation "${config.get("variation")}"`);
variation(declared);

const notes = new mcp.Server("notes", declared.notes);
const utilities = new mcp.Server("utilities", declared.utilities);
const use = (server: mcp.Server, what: Record<string, unknown>) => ({ server, ...what }) as mcp.Use;
const reader = new mcp.Consumer("reader", {
  identity: declared.identities.reader,
  ...(declared.limit && { limit: declared.limit }),
  uses: [
    use(notes, declared.reads),
    use(utilities, declared.sums),
    ...(declared.twice ? [use(utilities, declared.sums)] : []),
    ...Array.from({ length: declared.further }, (_, n) => use(utilities, { tool: `tool_${n}` })),
  ],
});
const writer = new mcp.Consumer("writer", {
  identity: declared.identities.writer,
  uses: [
    notes.tool("create_entities"),
    use(utilities, declared.echoes),
    use(notes, { tool: "search_nodes", arguments: { query: "x" } }),
  ],
});
const gateway = new mcp.Gateway("edge", {
  target,
  servers: [notes, utilities],
  consumers: [reader, writer],
  ...(declared.groups && { failover: declared.groups({ notes, utilities }) ?? [] }),
  ...declared.gateway,
});
const alerting = declared.parts.alerting ? new mcp.Alerting("alerts", { gateway }) : undefined;
const smokeTest = declared.parts.smokeTest
  ? new mcp.SmokeTest("smoke", { gateway, deadline: "20s" })
  : undefined;
// Without the readiness gate, which would block first, a policy is seen to stop the preview by itself.
if (config.getBoolean("integration") ?? true)
  new mcp.Integration("arc", {
    ...(declared.requirements && { requirements: declared.requirements }),
    gateway,
    ...(alerting && { alerting }),
    ...(smokeTest && { smokeTest }),
  });

export const endpoint = gateway.endpoint;
export const tokens = gateway.tokens;
