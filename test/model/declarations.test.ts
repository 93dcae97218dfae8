import { describe, expect, test } from "vitest";
import { read } from "../../components/declaration.ts";
import {
  alertingSchema,
  consumerSchema,
  gatewaySchema,
  requirementsSchema,
  secretStoreSchema,
  serverSchema,
} from "../../components/model/index.ts";

const server = { name: "notes", stdio: { package: "npm:@scope/notes@1.2.3" } };
const consumer = { name: "agent", identity: { scope: "notes" }, uses: [{ server: "notes", tool: "search" }] };

describe("a server's declaration", () => {
  test("gets its defaults", () => {
    expect(serverSchema.parse({ ...server, timeout: "10s" })).toEqual({
      name: "notes",
      stdio: { package: "npm:@scope/notes@1.2.3", args: [] },
      env: {},
      replicas: 1,
      resilience: {},
      perTool: {},
      resources: { cpu: "100m", memory: "256Mi" },
      egress: [],
      timeout: 10_000,
      startTimeout: 60_000,
      storage: false,
    });
  });

  test.each<[string, Record<string, unknown>, Record<string, unknown>]>([
    [
      "an HTTP server keeps sessions and has the usual path",
      { stdio: undefined, http: { command: "a", port: 1 } },
      { http: { command: "a", args: [], port: 1, path: "/mcp", sessions: true } },
    ],
    [
      "an image may have the command to start in it",
      { stdio: { image: "ghcr.io/a/b@sha256:00", command: "serve" } },
      { stdio: { image: "ghcr.io/a/b@sha256:00", command: "serve", args: [] } },
    ],
    [
      "it scales at seventy parts in a hundred",
      { replicas: 2, autoscale: { max: 3 } },
      { replicas: 2, autoscale: { max: 3, cpu: 0.7 } },
    ],
    [
      "half of what it is given is the default",
      { resources: { cpu: "1.5" } },
      { resources: { cpu: "1.5", memory: "256Mi" } },
    ],
    [
      "it may connect to hosts, networks and the world",
      { egress: ["api.github.com:443", "10.2.0.0/16:5432", "*:443"] },
      { egress: ["api.github.com:443", "10.2.0.0/16:5432", "*:443"] },
    ],
    [
      "a secret may be a file",
      { env: { KEY_FILE: { store: "vault", key: "key", file: true, value: "canary" } } },
      { env: { KEY_FILE: { store: "vault", key: "key", file: true } } },
    ],
  ])("is read: %s", (_, change, expected) => {
    expect(serverSchema.parse({ ...server, ...change })).toMatchObject(expected);
  });

  test("has no secret's value", () => {
    const env = { KEY: { store: "vault", key: "key", value: "canary" } };
    expect(JSON.stringify(serverSchema.parse({ ...server, env }))).not.toContain("canary");
  });

  const malformed: [string, Record<string, unknown>, string[]][] = [
    ["no transport", { stdio: undefined }, ["server notes"]],
    ["two transports", { remote: { url: "https://example.com/mcp" } }, ["server notes"]],
    ["nothing to start", { stdio: {} }, ["server notes: stdio"]],
    ["two things to start", { stdio: { package: "npm:a@1.0.0", command: "a" } }, ["server notes: stdio"]],
    [
      "a package and an image",
      { stdio: { package: "npm:a@1.0.0", image: "ghcr.io/a/b" } },
      ["server notes: stdio"],
    ],
    ["no more under load", { replicas: 2, autoscale: { max: 2 } }, ["server notes: autoscale.max"]],
    ["a load as a percentage", { autoscale: { max: 2, cpu: 70 } }, ["server notes: autoscale.cpu"]],
    ["egress without a port", { egress: ["api.github.com"] }, ["server notes: egress[0]"]],
    [
      "egress as a URL, and to a network without its size",
      { egress: ["https://api.github.com:443", "*:443", "10.2.0.0/x:1"] },
      ["server notes: egress[0]", "server notes: egress[2]"],
    ],
    [
      "amounts that are none",
      { resources: { cpu: "half", memory: "256" } },
      ["server notes: resources.cpu", "server notes: resources.memory"],
    ],
    [
      "sessions of what has none",
      { stdio: { command: "a", sessions: false } },
      ["server notes: stdio.sessions"],
    ],
    ["a bin without a package", { stdio: { command: "a", bin: "b" } }, ["server notes: stdio.bin"]],
    ["a package of another registry", { stdio: { package: "pip:a@1.0.0" } }, ["server notes: stdio.package"]],
    ["an unknown key", { stdoi: {} }, ["server notes: stdoi"]],
    ["a negative number", { replicas: -1 }, ["server notes: replicas"]],
    ["an absurd number", { replicas: 1e9 }, ["server notes: replicas"]],
    ["a fraction", { replicas: 1.5 }, ["server notes: replicas"]],
    [
      "a port that is none",
      { stdio: undefined, http: { command: "a", port: 70_000 } },
      ["server notes: http.port"],
    ],
    [
      "a path that is none",
      { stdio: undefined, http: { command: "a", port: 1, path: "mcp" } },
      ["server notes: http.path"],
    ],
    ["a URL that is none", { stdio: undefined, remote: { url: "example" } }, ["server notes: remote.url"]],
    [
      "a scheme that is none of HTTP's",
      { stdio: undefined, remote: { url: "file:///etc" } },
      ["server notes: remote.url"],
    ],
    [
      "a retry that is none, beside a property that there isn't",
      { resilience: { retry: { attempts: 0, backof: "1s" }, concurrency: { wait: "soon" } } },
      [
        "server notes: resilience.retry.attempts",
        "server notes: resilience.retry.backof",
        "server notes: resilience.concurrency.wait",
      ],
    ],
    [
      "a breaker that is on",
      { resilience: { circuitBreaker: true } },
      ["server notes: resilience.circuitBreaker"],
    ],
    [
      "settings of a tool that are none",
      { perTool: { search: { timeout: "long", limit: { calls: 0 } } } },
      ["server notes: perTool.search.timeout", "server notes: perTool.search.limit.calls"],
    ],
    [
      "no way of authorization",
      { stdio: undefined, remote: { url: "https://example.com/mcp", auth: {} } },
      ["server notes: remote.auth"],
    ],
    [
      "a client's secret as text, for an authorization server in the clear",
      {
        stdio: undefined,
        remote: {
          url: "https://example.com/mcp",
          auth: {
            clientCredentials: { issuer: "http://login.example.com", clientId: "a", clientSecret: "b" },
          },
        },
      },
      [
        "server notes: remote.auth.clientCredentials.issuer",
        "server notes: remote.auth.clientCredentials.clientSecret",
      ],
    ],
    ["a value that is no text", { env: { KEY: 5 } }, ["server notes: env.KEY"]],
    ["a name that is no variable", { env: { "MY-KEY": "a" } }, ["server notes: env.MY-KEY"]],
    [
      "a file as a header",
      {
        stdio: undefined,
        remote: {
          url: "https://example.com",
          headers: { Authorization: { store: "a", key: "b", file: true } },
        },
      },
      ["server notes: remote.headers.Authorization"],
    ],
    [
      "an environment for what runs elsewhere",
      { stdio: undefined, remote: { url: "https://example.com" }, env: { A: "b" } },
      ["server notes: env"],
    ],
    [
      "several faults",
      { replicas: 0, timeout: "soon", tools: [""] },
      ["server notes: replicas", "server notes: timeout", "server notes: tools[0]"],
    ],
  ];

  test.each(malformed)("is refused with %s, naming each property", (_, change, paths) => {
    const { model, findings } = read(serverSchema, "server notes", { ...server, ...change });
    expect(model).toBeUndefined();
    expect(findings.map(({ path }) => path)).toEqual(paths);
    expect(findings.every(({ severity }) => severity === "error")).toBe(true);
  });

  test.each(["", "Notes", "no_tes", "a__b", "-a", "a-", "a--b", "1a", "a.b", "../a", "a".repeat(41)])(
    "refuses the name %j",
    (name) => {
      expect(read(serverSchema, "server", { ...server, name }).findings[0]?.path).toBe("server: name");
    },
  );
});

describe("a consumer's declaration", () => {
  test.each([
    ["no use", { uses: [] }, "uses"],
    ["a use of nothing", { uses: [{ server: "notes" }] }, "uses[0]"],
    ["a use of two things", { uses: [{ server: "notes", tool: "a", prompt: "b" }] }, "uses[0]"],
    ["an empty expectation", { uses: [{ server: "notes", tool: "a", expect: { contains: "" } }] }, "uses[0]"],
    ["a scope that is none", { identity: { scope: "two words" } }, "identity.scope"],
  ])("is refused with %s", (_, change, path) => {
    const { findings } = read(consumerSchema, "consumer agent", { ...consumer, ...change });
    expect(findings[0]?.path).toContain(`consumer agent: ${path}`);
  });
});

describe("a gateway's declaration", () => {
  test("listens on loopback and asks for tokens by default", () => {
    expect(gatewaySchema.parse({ name: "edge" })).toEqual({
      name: "edge",
      listen: { host: "127.0.0.1", port: 7400 },
      auth: { mode: "tokens", issuers: [] },
      resilience: {
        retry: { attempts: 3, backoff: 50, maxBackoff: 1_000 },
        circuitBreaker: { failures: 5, cooldown: 10_000 },
        concurrency: { calls: 64, queue: 64, wait: 1_000 },
      },
      failover: [],
    });
  });

  test("takes signed tokens where it names who signs them", () => {
    const auth = { issuers: [{ issuer: "https://login.example.com" }] };
    expect(gatewaySchema.parse({ name: "edge", auth }).auth.mode).toBe("jwt");
  });

  test.each([
    [
      "an availability as a percentage",
      { objectives: { availability: 99.9, p95: "1s" } },
      "objectives.availability",
    ],
    ["an availability of one", { objectives: { availability: 1, p95: "1s" } }, "objectives.availability"],
    ["port 0", { listen: { port: 0 } }, "listen.port"],
    ["an unknown mode", { auth: { mode: "basic" } }, "auth.mode"],
    ["a timeout without unit", { resilience: { timeout: "10" } }, "resilience.timeout"],
    ["signed tokens that nobody signs", { auth: { mode: "jwt" } }, "auth.issuers"],
    [
      "issuers of tokens that it doesn't take",
      { auth: { mode: "tokens", issuers: [{ issuer: "https://login.example.com" }] } },
      "auth.issuers",
    ],
    [
      "an issuer in the clear",
      { auth: { issuers: [{ issuer: "http://a.example" }] } },
      "auth.issuers[0].issuer",
    ],
    ["a public URL without a scheme", { publicUrl: "mcp.example.com" }, "publicUrl"],
    ["a group of one", { failover: [{ primary: "a", standby: [] }] }, "failover[0].standby"],
    [
      "a hash that is none",
      { catalogue: { agent: { tools: { notes: { search: "abc" } } } } },
      "catalogue.agent.tools.notes.search",
    ],
    ["a key as text", { userTokens: { key: "canary" } }, "userTokens.key"],
    ["more than all calls traced", { tracing: { endpoint: "http://a/", ratio: 2 } }, "tracing.ratio"],
  ])("is refused with %s", (_, change, path) => {
    const { findings } = read(gatewaySchema, "gateway edge", { name: "edge", ...change });
    expect(findings.map((finding) => finding.path)).toEqual([`gateway edge: ${path}`]);
  });
});

describe("a secret store's declaration", () => {
  const store = { name: "vault", given: ["a"], generated: ["b"] };

  test("says where an outside store keeps a secret", () => {
    const external = { c: { key: "prod/github", property: "token", version: "3" } };
    expect(secretStoreSchema.parse({ ...store, external })).toEqual({ ...store, external });
  });

  test.each([
    ["a key twice", { external: { a: { key: "x" } } }, "secrets vault"],
    ["an outside key without a name", { external: { c: {} } }, "secrets vault: external.c.key"],
    ["an unknown property", { external: { c: { key: "x", path: "y" } } }, "secrets vault: external.c.path"],
    ["a key that is none", { external: { "c d": { key: "x" } } }, "secrets vault: external.c d"],
  ])("is refused with %s", (_, change, path) => {
    const { findings } = read(secretStoreSchema, "secrets vault", { ...store, ...change });
    expect(findings.map((finding) => finding.path)).toEqual([path]);
  });
});

describe("alerting's declaration", () => {
  const secret = { store: "vault", key: "hook", value: "canary" };

  test("names who is told by reference", () => {
    const model = alertingSchema.parse({
      name: "alerts",
      notify: { slack: { channel: "#mcp", url: secret }, pagerDuty: { routingKey: secret } },
    });
    expect(model.notify?.slack).toEqual({ channel: "#mcp", url: { store: "vault", key: "hook" } });
    expect(JSON.stringify(model)).not.toContain("canary");
  });

  test.each([
    ["nobody", { notify: {} }, "alerting alerts: notify"],
    [
      "a plain URL",
      { notify: { webhook: { url: "https://hook.example" } } },
      "alerting alerts: notify.webhook.url",
    ],
    ["no channel", { notify: { slack: { url: secret } } }, "alerting alerts: notify.slack.channel"],
  ])("is refused with %s", (_, change, path) => {
    const { findings } = read(alertingSchema, "alerting alerts", { name: "alerts", ...change });
    expect(findings.map((finding) => finding.path)).toEqual([path]);
  });
});

test("requirements say something", () => {
  expect(read(requirementsSchema, "requirements", { purpose: "stuff", owner: "" }).findings).toHaveLength(2);
});
