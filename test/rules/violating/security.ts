import {
  addTools,
  type Change,
  client,
  consumer,
  gateway,
  pin,
  promise,
  remoteOf,
  server,
  signed,
  token,
  withArguments,
} from "../changes.ts";

/** What violates each rule: in words, the change to an integration that keeps them all, and where the finding is. */
export const security: Record<string, [string, Change, string][]> = {
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
  "token-for-one-server": [
    [
      "a token for the gateway goes to a server",
      (model) => {
        gateway(model).publicUrl = "https://mcp.example.com/mcp";
        remoteOf(model).auth = { tokenExchange: { ...client, resource: "https://mcp.example.com/mcp" } };
      },
      "server tickets: remote.auth.tokenExchange.resource",
    ],
    [
      "a token of the gateway's audience goes to a server",
      (model) => {
        const audience = "https://tools.example.com";
        gateway(model).auth = { mode: "jwt", issuers: [{ issuer: client.issuer, audience }] };
        remoteOf(model).auth = { clientCredentials: { ...client, resource: audience } };
      },
      "server tickets: remote.auth.clientCredentials.resource",
    ],
    [
      "one token is for two servers",
      (model) => {
        remoteOf(model).auth = { clientCredentials: { ...client, resource: "https://all.example.com" } };
        const orders = { ...structuredClone(server(model, "tickets")), name: "orders" };
        orders.remote = { ...remoteOf(model), url: "https://orders.example.com/mcp" };
        model.servers.push(orders);
      },
      "server orders: remote.auth.clientCredentials.resource",
    ],
  ],
  "audience-own": [
    [
      "tokens are for whatever the issuer serves",
      (model) => {
        const issuers = [{ issuer: client.issuer, audience: `${client.issuer}/` }];
        gateway(model).auth = { mode: "jwt", issuers };
      },
      "gateway edge: auth.issuers[0].audience",
    ],
    [
      "an ID token would do",
      (model) => {
        const issuers = [{ issuer: client.issuer, audience: "edge" }];
        gateway(model).auth = { mode: "jwt", issuers, login: { clientId: "edge" } };
      },
      "gateway edge: auth.issuers[0].audience",
    ],
  ],
  "destructive-tools-scoped": [
    [
      "a consumer that may delete is nobody in particular",
      (model) => {
        consumer(model).identity = {};
        consumer(model).uses.push({ server: "notes", tool: "delete_file" });
      },
      "consumer support-agent: uses[4]",
    ],
    [
      "a consumer that may delete has another's scope",
      (model) => {
        consumer(model, 1).identity = { scope: "support" };
        consumer(model).uses.push({ server: "notes", tool: "files.deleteAll" });
      },
      "consumer support-agent: uses[4]",
    ],
  ],
  "tools-justified": [
    ["two examples speak for eleven tools", (model) => addTools(model, 7), "consumer support-agent: uses"],
    [
      "one example speaks for six tools",
      (model) => {
        consumer(model).uses.pop();
        addTools(model, 3);
      },
      "consumer support-agent: uses",
    ],
    [
      "one agent has more tools than one can have",
      (model) => addTools(model, 40, { arguments: {} }),
      "consumer support-agent: uses",
    ],
  ],
  "secrets-in-examples": [
    [
      "an argument has the form of a key",
      (model) => withArguments(model, { query: token }),
      "consumer support-agent: uses[4].arguments.query",
    ],
    [
      "an argument is called a password, deep inside",
      (model) => withArguments(model, { login: [{ user: "me", password: "hunter2" }] }),
      "consumer support-agent: uses[4].arguments.login.0.password",
    ],
    [
      "a resource is an address with a password",
      (model) => consumer(model).uses.push({ server: "notes", resource: "postgres://me:hunter2@db/app" }),
      "consumer support-agent: uses[4].resource",
    ],
    [
      "a result is known by a key",
      (model) =>
        consumer(model).uses.push({ server: "notes", tool: "write_file", expect: { contains: token } }),
      "consumer support-agent: uses[4].expect.contains",
    ],
  ],
  "narrow-egress": [
    ...["*:443", "0.0.0.0/0:443", "10.0.0.0/8:5432", "169.254.169.254:80", "metadata.google.internal:80"].map(
      (destination): [string, Change, string] => [
        `a server reaches ${destination}`,
        (model) => Object.assign(server(model, "github"), { egress: ["api.github.com:443", destination] }),
        "server github: egress[1]",
      ],
    ),
  ],
  "encrypted-transport": [
    [
      "a remote server is called in the clear",
      (model) => Object.assign(remoteOf(model), { url: "http://tickets.example.com/mcp" }),
      "server tickets: remote.url",
    ],
    [
      "a name of a cluster is called from this machine",
      (model) => Object.assign(remoteOf(model), { url: "http://tickets.crm.svc/mcp" }),
      "server tickets: remote.url",
    ],
    [
      "traces cross a network",
      (model) =>
        Object.assign(gateway(model), { tracing: { endpoint: "http://traces.example.com/v1", ratio: 1 } }),
      "gateway edge: tracing.endpoint",
    ],
    [
      "the gateway itself is called in the clear",
      (model) => Object.assign(gateway(model).listen, { host: "0.0.0.0" }),
      "gateway edge: listen.host",
    ],
  ],
  "catalogue-locked": [
    ["what is promised is locked by nothing", (model) => promise(model), "gateway edge: catalogue"],
  ],
};
