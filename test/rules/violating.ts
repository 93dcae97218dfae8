import {
  type Change,
  client,
  consumer,
  credentialOf,
  gateway,
  offered,
  pin,
  remoteOf,
  server,
  signed,
  token,
  withStandby,
} from "./changes.ts";

/** What violates each rule: in words, the change to an integration that keeps them all, and where the finding is. */
export const violating: Record<string, [string, Change, string][]> = {
  "gateway-authentication": [
    [
      "nobody is asked, on every address",
      (model) =>
        Object.assign(gateway(model), { auth: { mode: "none" }, listen: { host: "0.0.0.0", port: 7400 } }),
      "gateway edge: auth.mode",
    ],
    [
      "nobody is asked, on an address of the network",
      (model) =>
        Object.assign(gateway(model), { auth: { mode: "none" }, listen: { host: "192.0.2.7", port: 7400 } }),
      "gateway edge: auth.mode",
    ],
    [
      "nobody is asked, in a cluster, where loopback is every pod's own",
      (model) => {
        Object.assign(gateway(model).auth, { mode: "none" });
        Object.assign(model, { target: "kubernetes" });
      },
      "gateway edge: auth.mode",
    ],
  ],
  "stdio-single-replica": [
    [
      "a stdio server is scaled out",
      (model) => Object.assign(server(model, "notes"), { replicas: 2 }),
      "server notes: replicas",
    ],
    [
      "a stdio server is scaled out under load",
      (model) => Object.assign(server(model, "notes"), { autoscale: { max: 3, cpu: 0.7 } }),
      "server notes: autoscale.max",
    ],
  ],
  "session-single-replica": [
    [
      "a server with sessions is scaled out",
      (model) => Object.assign(server(model, "github").http ?? {}, { sessions: true }),
      "server github: replicas",
    ],
    [
      "a server with sessions is scaled out under load",
      (model) => {
        Object.assign(server(model, "github"), { replicas: 1, autoscale: { max: 3, cpu: 0.7 } });
        Object.assign(server(model, "github").http ?? {}, { sessions: true });
      },
      "server github: autoscale.max",
    ],
  ],
  "pinned-artifacts": [
    [
      "a package has no version",
      (model) => Object.assign(server(model, "notes"), { stdio: { package: "npm:@a/b", args: [] } }),
      "server notes: stdio.package",
    ],
    [
      "a package has a tag",
      (model) => Object.assign(server(model, "notes"), { stdio: { package: "npm:b@latest", args: [] } }),
      "server notes: stdio.package",
    ],
    [
      "a package has a range",
      (model) => Object.assign(server(model, "notes"), { stdio: { package: "npm:b@^1.0.0", args: [] } }),
      "server notes: stdio.package",
    ],
    [
      "an image has a tag",
      (model) =>
        Object.assign(server(model, "github"), {
          http: { image: "ghcr.io/a/b:1.2.3", args: [], port: 1, path: "/" },
        }),
      "server github: http.image",
    ],
    [
      "a command fetches what it runs",
      (model) =>
        Object.assign(server(model, "notes"), { stdio: { command: "/usr/bin/npx", args: ["-y", "b"] } }),
      "server notes: stdio.command",
    ],
  ],
  "no-wildcard-access": [
    [
      "a consumer uses every tool",
      (model) =>
        Object.assign(consumer(model), { uses: [...consumer(model).uses, { server: "notes", tool: "*" }] }),
      "consumer support-agent: uses[4]",
    ],
    [
      "a consumer uses tools by pattern",
      (model) =>
        Object.assign(consumer(model, 1), {
          uses: [{ server: "github", tool: "get_*", arguments: {} }, ...consumer(model, 1).uses],
        }),
      "consumer triage-bot: uses[0]",
    ],
  ],
  "offered-in-reach": [
    [
      "a server of a cluster is used from this machine",
      (model) => Object.assign(server(model, "notes"), { offered: { ...offered, target: "kubernetes" } }),
      "server notes: offered",
    ],
    [
      "a server of this machine is used from a cluster",
      (model) => {
        Object.assign(server(model, "notes"), { offered });
        Object.assign(model, { target: "kubernetes" });
      },
      "server notes: offered",
    ],
  ],
  "known-tools": [
    [
      "a standby is used as if it were a server of its own",
      (model) => {
        withStandby(model);
        consumer(model).uses.push({ server: "github-standby", tool: "search_code" });
      },
      "consumer support-agent: uses[4]",
    ],
    [
      "a tool is expected of no server",
      (model) => consumer(model).uses.push({ server: "notes", tool: "delete_file" }),
      "consumer support-agent: uses[4]",
    ],
    [
      "the server is not behind the gateway",
      (model) => consumer(model).uses.push({ server: "wiki", tool: "search" }),
      "consumer support-agent: uses[4]",
    ],
  ],
  "known-secrets": [
    [
      "the gateway's own key is not there",
      (model) => {
        gateway(model).userTokens = { key: { store: "vault", key: "gone" } };
      },
      "gateway edge: userTokens.key",
    ],
    [
      "an OAuth client's secret is not there",
      (model) => {
        remoteOf(model).auth = {
          clientCredentials: { ...client, clientSecret: { store: "vault", key: "gone" } },
        };
      },
      "server tickets: remote.auth.clientCredentials.clientSecret",
    ],
    [
      "the store has no such key",
      (model) =>
        Object.assign(server(model, "github"), { env: { GITHUB_TOKEN: { store: "vault", key: "gone" } } }),
      "server github: env.GITHUB_TOKEN",
    ],
    [
      "there is no such store",
      (model) =>
        Object.assign(remoteOf(model), { headers: { Authorization: { store: "safe", key: "ticketsKey" } } }),
      "server tickets: remote.headers.Authorization",
    ],
  ],
  "server-timeout": [
    [
      "neither server nor gateway says",
      (model) => Object.assign(gateway(model), { resilience: {} }),
      "server notes: timeout",
    ],
  ],
  "smoke-proves-credentials": [
    [
      "no example reaches a server with a secret",
      (model) =>
        Object.assign(consumer(model), {
          uses: [
            { server: "github", tool: "search_code", arguments: {} },
            { server: "tickets", tool: "find_ticket" },
          ],
        }),
      "server tickets: remote.headers.Authorization",
    ],
    [
      "a consumer has no example",
      (model) => Object.assign(consumer(model, 1), { uses: [{ server: "github", tool: "get_issue" }] }),
      "consumer triage-bot: uses",
    ],
  ],
  "secrets-by-reference": [
    [
      "the address of traces carries a password",
      (model) => {
        gateway(model).tracing = { endpoint: "https://me:hunter2@traces.example.com/v1/traces", ratio: 1 };
      },
      "gateway edge: tracing.endpoint",
    ],
    [
      "a variable's name says secret",
      (model) => Object.assign(server(model, "notes"), { env: { API_KEY: "hunter2" } }),
      "server notes: env.API_KEY",
    ],
    [
      "a value has the form of a key",
      (model) => Object.assign(server(model, "notes"), { env: { SETTING: token } }),
      "server notes: env.SETTING",
    ],
    [
      "a URL has a password",
      (model) =>
        Object.assign(server(model, "notes"), { env: { DATABASE: "postgres://app:hunter2@db/app" } }),
      "server notes: env.DATABASE",
    ],
    [
      "a header is plain",
      (model) => Object.assign(remoteOf(model), { headers: { Authorization: "Bearer hunter2" } }),
      "server tickets: remote.headers.Authorization",
    ],
    [
      "a header's name says key",
      (model) => Object.assign(remoteOf(model), { headers: { "X-API-Key": "hunter2" } }),
      "server tickets: remote.headers.X-API-Key",
    ],
    [
      "an argument carries it behind =",
      (model) =>
        Object.assign(server(model, "notes"), { stdio: { command: "notes", args: ["--api-key=hunter2"] } }),
      "server notes: stdio.args[0]",
    ],
    [
      "an argument carries it behind a flag",
      (model) =>
        Object.assign(server(model, "notes"), {
          stdio: { command: "notes", args: ["-v", "--token", "hunter2"] },
        }),
      "server notes: stdio.args[1]",
    ],
    [
      "an argument is it",
      (model) => Object.assign(server(model, "notes"), { stdio: { command: "notes", args: [token] } }),
      "server notes: stdio.args[0]",
    ],
    ...["PGPASSWORD", "MYSQL_PWD", "DB_PASS", "SECRET_KEY", "signingKey", "githubToken", "BEARER"].map(
      (name): [string, Change, string] => [
        `a variable is called ${name}`,
        (model) => Object.assign(server(model, "notes"), { env: { [name]: "hunter2" } }),
        `server notes: env.${name}`,
      ],
    ),
    ...["Authorization: Bearer hunter2x", "Basic aHVudGVyMg==", "app:hunter2@tcp(db:3306)/app"].map(
      (value): [string, Change, string] => [
        `a value is ${value.slice(0, 3)}…`,
        (model) => Object.assign(server(model, "notes"), { env: { SETTING: value } }),
        "server notes: env.SETTING",
      ],
    ),
    ...[
      ["-H", "X-Api-Key: hunter2"],
      ["--header", "Authorization: Bearer hunter2"],
    ].map((args): [string, Change, string] => [
      `an argument is the header behind ${args[0]}`,
      (model) => Object.assign(server(model, "notes"), { stdio: { command: "notes", args } }),
      "server notes: stdio.args[1]",
    ]),
    ...[["--db=postgres://u:hunter2@h/db"], ["--pass", "hunter2"], ["--auth", "me:hunter2"]].map(
      (args): [string, Change, string] => [
        `an argument carries it as ${args[0]?.slice(0, 6)}`,
        (model) => Object.assign(server(model, "notes"), { stdio: { command: "notes", args } }),
        "server notes: stdio.args[0]",
      ],
    ),
    ...["key=hunter2", "sig=hunter2", "accessToken=hunter2"].map((query): [string, Change, string] => [
      `a remote URL has ${query.slice(0, 3)}`,
      (model) => Object.assign(remoteOf(model), { url: `https://example.com/mcp?${query}` }),
      "server tickets: remote.url",
    ]),
    [
      "a remote URL has user and password",
      (model) => Object.assign(remoteOf(model), { url: "https://me:hunter2@example.com/mcp" }),
      "server tickets: remote.url",
    ],
    [
      "a remote URL has a key in its query",
      (model) => Object.assign(remoteOf(model), { url: "https://example.com/mcp?api_key=hunter2" }),
      "server tickets: remote.url",
    ],
  ],
  "alerting-declared": [
    ["nobody is told", (model) => delete model.alerting, "integration support: alerting"],
  ],
  "distinct-names": [
    ["two servers have one name", (model) => model.servers.push(server(model, "notes")), "server notes"],
    [
      "two consumers have one name",
      (model) => Object.assign(consumer(model, 1), { name: "support-agent" }),
      "consumer support-agent",
    ],
    [
      "a server has its gateway's name",
      (model) => Object.assign(gateway(model), { name: "notes" }),
      "server notes",
    ],
    [
      "a tool is used twice",
      (model) => consumer(model).uses.push({ server: "notes", tool: "read_file" }),
      "consumer support-agent: uses: tool notes__read_file",
    ],
    [
      "a name is too long after prefixing",
      (model) => {
        Object.assign(server(model, "notes"), { tools: undefined });
        consumer(model).uses.push({ server: "notes", tool: "a".repeat(60) });
      },
      "consumer support-agent: uses[4]",
    ],
  ],
  "distinct-ports": [
    [
      "a server wants the gateway's port",
      (model) => Object.assign(gateway(model).listen, { port: 8082 }),
      "server github: http.port",
    ],
  ],
  "storage-declared": [
    [
      "a server without storage names its data directory",
      (model) => Object.assign(server(model, "notes"), { storage: false }),
      "server notes: storage",
    ],
  ],
  "failover-members": [
    [
      "a primary is not there",
      (model) => withStandby(model, { primary: "ghost" }),
      "gateway edge: failover[0].primary",
    ],
    [
      "a standby is not there",
      (model) => withStandby(model, { standby: ["ghost"] }),
      "gateway edge: failover[0].standby[0]",
    ],
    [
      "a server stands in for itself",
      (model) => withStandby(model, { standby: ["github"] }),
      "gateway edge: failover[0].standby[0]",
    ],
    [
      "a server stands in twice",
      (model) => withStandby(model, { standby: ["github-standby", "github-standby"] }),
      "gateway edge: failover[0].standby[1]",
    ],
    [
      "a standby is a primary too",
      (model) => {
        withStandby(model);
        gateway(model).failover.push({ primary: "github-standby", standby: ["notes"], mode: "standby" });
      },
      "gateway edge: failover[1].primary",
    ],
  ],
  "failover-equivalent": [
    [
      "a standby lacks a tool of its primary",
      (model) => {
        withStandby(model);
        server(model, "github-standby").tools = ["search_code"];
      },
      "server github-standby: tools",
    ],
  ],
  "known-tool-settings": [
    [
      "a tool's name is mistyped",
      (model) => Object.assign(server(model, "github"), { perTool: { serch_code: { repeatable: true } } }),
      "server github: perTool.serch_code",
    ],
    [
      "a standby has settings that nobody reads",
      (model) => {
        withStandby(model);
        server(model, "github-standby").perTool = { search_code: { timeout: 5_000 } };
      },
      "server github-standby: perTool.search_code",
    ],
  ],
  "tool-timeout": [
    [
      "a tool has more time than its server",
      (model) => Object.assign(server(model, "github"), { perTool: { search_code: { timeout: 30_000 } } }),
      "server github: perTool.search_code.timeout",
    ],
  ],
  "retries-in-time": [
    [
      "pauses alone are as long as a call",
      (model) => Object.assign(server(model, "notes"), { timeout: 150 }),
      "server notes: resilience.retry",
    ],
    [
      "a server's own retries take longer than the gateway allows",
      (model) => {
        server(model, "notes").resilience = { retry: { attempts: 10, backoff: 1_000, maxBackoff: 5_000 } };
      },
      "server notes: resilience.retry",
    ],
  ],
  "concurrency-for-replicas": [
    [
      "fewer calls get through than there are replicas",
      (model) => Object.assign(server(model, "github"), { replicas: 65 }),
      "server github: resilience.concurrency.calls",
    ],
    [
      "fewer calls get through than there may be replicas under load",
      (model) => {
        server(model, "github").resilience = { concurrency: { calls: 2, queue: 0, wait: 1 } };
        server(model, "github").autoscale = { max: 3, cpu: 0.7 };
      },
      "server github: resilience.concurrency.calls",
    ],
  ],
  "consumers-told-apart": [
    [
      "a consumer has nothing that a token could show",
      (model) => {
        signed(model);
        consumer(model).identity = {};
      },
      "consumer support-agent: identity",
    ],
    [
      "two consumers have the same scope",
      (model) => {
        signed(model);
        consumer(model, 1).identity = { scope: "support" };
      },
      "consumer triage-bot: identity",
    ],
  ],
  "token-audience": [
    [
      "an address is no name that a token could be for",
      (model) => {
        signed(model);
        gateway(model).listen.host = "0.0.0.0";
      },
      "gateway edge: auth.issuers[0].audience",
    ],
  ],
  "token-exchange": [
    [
      "there is no signed token to exchange",
      (model) => {
        remoteOf(model).auth = { tokenExchange: client };
      },
      "server tickets: remote.auth.tokenExchange",
    ],
  ],
  "per-user-authorization": [
    [
      "nobody knows which person calls from elsewhere",
      (model) => {
        gateway(model).listen.host = "0.0.0.0";
        gateway(model).userTokens = { key: client.clientSecret };
        remoteOf(model).auth = { perUser: client };
      },
      "server tickets: remote.auth.perUser",
    ],
    [
      "a browser can't prove whose it is, and consents get lost",
      (model) => {
        signed(model);
        remoteOf(model).auth = { perUser: client };
      },
      "server tickets: remote.auth.perUser",
    ],
  ],
  "known-catalogue": [
    [
      "a catalogue is of a consumer that is gone",
      (model) => pin(model, { "old-agent": { tools: {} } }),
      "gateway edge: catalogue.old-agent",
    ],
    [
      "a catalogue is of a server that is gone",
      (model) => pin(model, { "support-agent": { tools: { wiki: {} } } }),
      "gateway edge: catalogue.support-agent.tools.wiki",
    ],
    ["a tool that is used is not pinned", (model) => pin(model, {}), "consumer triage-bot: uses[0]"],
  ],
  "smoke-credentials": [
    [
      "nobody can be tried without a token",
      (model) => {
        signed(model);
        if (model.smokeTest) model.smokeTest.credentials = {};
      },
      "smoke test smoke: credentials.triage-bot",
    ],
    [
      "credentials are by an issuer whose tokens aren't taken",
      (model) => {
        signed(model);
        credentialOf(model).issuer = "https://other.example.com";
      },
      "smoke test smoke: credentials.support-agent.clientCredentials.issuer",
    ],
    [
      "credentials are another client's than the consumer's",
      (model) => {
        signed(model);
        consumer(model).identity = { client: "agent-app" };
      },
      "smoke test smoke: credentials.support-agent.clientCredentials.clientId",
    ],
    [
      "credentials are nobody's",
      (model) => {
        signed(model);
        Object.assign(model.smokeTest?.credentials ?? {}, { nobody: { clientCredentials: client } });
      },
      "smoke test smoke: credentials.nobody",
    ],
    [
      "credentials are for tokens that the gateway generates itself",
      (model) => {
        signed(model);
        gateway(model).auth = { mode: "tokens", issuers: [] };
      },
      "smoke test smoke: credentials.support-agent",
    ],
  ],
};
