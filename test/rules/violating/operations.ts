import {
  type Change,
  client,
  consumer,
  credentialOf,
  gateway,
  offered,
  promise,
  remoteOf,
  server,
  signed,
  withStandby,
} from "../changes.ts";

/** What violates each rule: in words, the change to an integration that keeps them all, and where the finding is. */
export const operations: Record<string, [string, Change, string][]> = {
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
  "current-transport": [
    [
      "a remote server's URL is one",
      (model) => {
        remoteOf(model).url = "https://tickets.example.com/sse";
      },
      "server tickets: remote.url",
    ],
    [
      "a server's path is one",
      (model) => Object.assign(server(model, "github").http ?? {}, { path: "/sse" }),
      "server github: http.path",
    ],
    ...[["sse"], ["--transport=sse"], ["--transport", "sse"]].map((args): [string, Change, string] => [
      `a server is started with ${args.join(" ")}`,
      (model) => Object.assign(server(model, "github").http ?? {}, { args }),
      `server github: http.args[${args.length - 1}]`,
    ]),
  ],
  "smoke-test-declared": [
    [
      "nothing proves that anybody is served",
      (model) => delete model.smokeTest,
      "integration support: smokeTest",
    ],
  ],
  "alerts-routed": [
    ["a broken promise is told to nobody", (model) => promise(model), "alerting alerts: notify"],
  ],
};
