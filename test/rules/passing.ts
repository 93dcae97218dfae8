import {
  type Change,
  client,
  consumer,
  gateway,
  hash,
  offered,
  pin,
  remoteOf,
  server,
  signed,
  withStandby,
} from "./changes.ts";

/** What comes near to a violation and is none. */
export const passing: Record<string, [string, Change][]> = {
  "failover-members": [["one server stands in for another", (model) => withStandby(model)]],
  "failover-equivalent": [
    [
      "a standby says nothing of its tools",
      (model) => {
        withStandby(model);
        delete server(model, "github-standby").tools;
      },
    ],
  ],
  "smoke-proves-credentials": [
    ["a standby's credential is used by no example, since nobody calls it", (model) => withStandby(model)],
  ],
  "retries-in-time": [
    [
      "a server that is not tried again has little time",
      (model) => Object.assign(server(model, "notes"), { timeout: 100, resilience: { retry: false } }),
    ],
  ],
  "concurrency-for-replicas": [
    [
      "nothing bounds the calls",
      (model) => Object.assign(server(model, "github"), { replicas: 65, resilience: { concurrency: false } }),
    ],
    [
      "several instances of the gateway let as many through together",
      (model) => {
        gateway(model).replicas = 2;
        Object.assign(server(model, "github"), { replicas: 65 });
      },
    ],
  ],
  "known-tool-settings": [
    [
      "a server that may have any tool has settings for one",
      (model) => {
        delete server(model, "github").tools;
        server(model, "github").perTool = { search_code: { repeatable: true } };
      },
    ],
  ],
  "tool-timeout": [
    [
      "a slow tool has more time than the gateway gives to servers that say nothing",
      (model) => Object.assign(server(model, "notes"), { perTool: { read_file: { timeout: 60_000 } } }),
    ],
  ],
  "consumers-told-apart": [
    ["each has a scope of its own", signed],
    [
      "generated tokens tell any two apart",
      (model) => {
        for (const each of model.consumers) each.identity = {};
      },
    ],
  ],
  "token-audience": [
    ["callers are on this machine", signed],
    [
      "the gateway has a public name",
      (model) => {
        signed(model);
        Object.assign(gateway(model), { publicUrl: "https://mcp.example.com/mcp" }).listen.host = "0.0.0.0";
      },
    ],
  ],
  "token-exchange": [
    [
      "signed tokens are exchanged",
      (model) => {
        signed(model);
        remoteOf(model).auth = { tokenExchange: client };
      },
    ],
  ],
  "per-user-authorization": [
    [
      "whoever consents sits at this machine",
      (model) => {
        gateway(model).userTokens = { key: { store: "vault", key: "ticketsKey" } };
        remoteOf(model).auth = { perUser: client };
      },
    ],
    [
      "people are known, and their consents kept",
      (model) => {
        signed(model);
        gateway(model).auth.login = { clientId: "edge" };
        gateway(model).userTokens = { key: { store: "vault", key: "ticketsKey" } };
        remoteOf(model).auth = { perUser: client };
      },
    ],
  ],
  "known-catalogue": [
    [
      "everything that is used is pinned",
      (model) =>
        pin(model, {
          "support-agent": {
            tools: {
              github: { search_code: hash },
              notes: { read_file: hash, list_directory: hash },
              tickets: { find_ticket: hash },
            },
          },
          "triage-bot": { tools: { github: { get_issue: hash } } },
        }),
    ],
  ],
  "smoke-credentials": [["each consumer's token can be had", signed]],
  "gateway-authentication": [
    ["nobody is asked, on loopback", (model) => Object.assign(gateway(model).auth, { mode: "none" })],
    [
      "everybody is asked, on every address",
      (model) => Object.assign(gateway(model).listen, { host: "0.0.0.0" }),
    ],
  ],
  "session-single-replica": [
    [
      "a server with sessions has one replica",
      (model) => {
        Object.assign(server(model, "github"), { replicas: 1 });
        Object.assign(server(model, "github").http ?? {}, { sessions: true });
      },
    ],
    [
      "a server without sessions scales under load",
      (model) => Object.assign(server(model, "github"), { autoscale: { max: 9, cpu: 0.7 } }),
    ],
  ],
  "pinned-artifacts": [
    [
      "a command stands beside a pinned image",
      (model) => Object.assign(server(model, "github").http ?? {}, { command: "/bin/github" }),
    ],
    [
      "a version is a pre-release",
      (model) => Object.assign(server(model, "notes"), { stdio: { package: "npm:b@1.0.0-rc.1", args: [] } }),
    ],
    [
      "a command is a program",
      (model) => Object.assign(server(model, "notes"), { stdio: { command: "/opt/notes", args: [] } }),
    ],
  ],
  "offered-in-reach": [
    ["it is another stack's, here", (model) => Object.assign(server(model, "notes"), { offered })],
  ],
  "known-tools": [
    [
      "a server does not say what it has",
      (model) => {
        Object.assign(server(model, "notes"), { tools: undefined });
        consumer(model).uses.push({ server: "notes", tool: "whatever" });
      },
    ],
  ],
  "server-timeout": [
    [
      "each server says for itself",
      (model) => {
        Object.assign(gateway(model), { resilience: {} });
        for (const each of model.servers) Object.assign(each, { timeout: 5_000 });
      },
    ],
  ],
  "secrets-by-reference": [
    [
      "a flag has no value",
      (model) => Object.assign(server(model, "notes"), { stdio: { command: "notes", args: ["--token"] } }),
    ],
    [
      "a name holds the word only in part",
      (model) =>
        Object.assign(server(model, "notes"), {
          env: { TOKENIZER: "bpe", KEYBOARD: "de", MAX_TOKENS: "4096", COMPASS: "north" },
        }),
    ],
    [
      "a variable only switches tokens on",
      (model) => Object.assign(server(model, "notes"), { env: { REQUIRE_TOKEN: "true" } }),
    ],
    [
      "a variable names a file",
      (model) => Object.assign(server(model, "notes"), { env: { TOKEN_FILE: "/run/token" } }),
    ],
  ],
};
