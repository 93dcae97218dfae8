import {
  addTools,
  type Change,
  client,
  consumer,
  gateway,
  hash,
  pin,
  promise,
  remoteOf,
  server,
  signed,
  withArguments,
} from "../changes.ts";

/** What comes near to a violation and is none. */
export const security: Record<string, [string, Change][]> = {
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
  "gateway-authentication": [
    ["nobody is asked, on loopback", (model) => Object.assign(gateway(model).auth, { mode: "none" })],
    [
      "everybody is asked, on every address",
      (model) => Object.assign(gateway(model).listen, { host: "0.0.0.0" }),
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
  "token-for-one-server": [
    [
      "two servers at one origin share a token",
      (model) => {
        remoteOf(model).auth = { clientCredentials: { ...client, resource: "https://tickets.example.com" } };
        model.servers.push({ ...structuredClone(server(model, "tickets")), name: "tickets-archive" });
      },
    ],
    [
      "a token is for the server's URL",
      (model) => {
        remoteOf(model).auth = { clientCredentials: client };
      },
    ],
  ],
  "audience-own": [
    [
      "tokens are for the gateway",
      (model) => {
        const issuers = [{ issuer: client.issuer, audience: "https://mcp.example.com/mcp" }];
        gateway(model).auth = { mode: "jwt", issuers, login: { clientId: "edge" } };
      },
    ],
    ["nothing is said of it", signed],
  ],
  "destructive-tools-scoped": [
    [
      "a consumer with a scope of its own may delete",
      (model) => consumer(model).uses.push({ server: "notes", tool: "delete_file" }),
    ],
    [
      "a name only holds the word",
      (model) => {
        consumer(model).identity = {};
        consumer(model).uses.push({ server: "notes", tool: "list_deleted" });
      },
    ],
  ],
  "tools-justified": [
    ["each example speaks for five", (model) => addTools(model, 6)],
    [
      "no example at all is another rule's",
      (model) => {
        consumer(model).uses = [];
        addTools(model, 9);
      },
    ],
  ],
  "secrets-in-examples": [
    [
      "a cursor is called a token",
      (model) => withArguments(model, { page_token: "abcdefg", depth: 3, after: null }),
    ],
  ],
  "narrow-egress": [
    [
      "hosts and narrow networks",
      (model) => Object.assign(server(model, "github"), { egress: ["api.github.com:443", "10.2.0.0/16:1"] }),
    ],
  ],
  "encrypted-transport": [
    [
      "what is called in the clear is on this machine",
      (model) => {
        remoteOf(model).url = "http://127.0.0.1:9/mcp";
        gateway(model).tracing = { endpoint: "http://localhost:4318/v1/traces", ratio: 1 };
      },
    ],
    ...["http://tickets.crm.svc/mcp", "http://tickets.crm.svc.cluster.local/mcp", "http://tickets/mcp"].map(
      (url): [string, Change] => [
        `${url} is of the cluster`,
        (model) => {
          remoteOf(model).url = url;
          Object.assign(model, { target: "kubernetes" });
        },
      ],
    ),
    [
      "something in front of the gateway speaks https",
      (model) => {
        Object.assign(gateway(model), { publicUrl: "https://mcp.example.com/mcp" }).listen.host = "0.0.0.0";
      },
    ],
  ],
  "catalogue-locked": [
    [
      "what is promised is locked",
      (model) => {
        promise(model);
        pin(model, {});
      },
    ],
    ["nothing is promised", (model) => delete gateway(model).objectives],
  ],
};
