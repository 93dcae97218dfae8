import * as mcp from "../components/index.ts";
import { configuration } from "./configuration.ts";
import packages from "./packages.json" with { type: "json" };
import { targetOf } from "./target.ts";

/**
 * The example integration: a workbench for agents with notes that last, a shelf of documents and a few utilities,
 * on real servers. Change it into yours.
 */
const { kubernetes, port, utilitiesPort, developer, objectives } = configuration();

// The one line that differs between environments: what runs on this machine runs on a cluster.
const target = targetOf(kubernetes);

const secrets = new mcp.Secrets("workbench", { target, generate: ["utilitiesKey"] });

const notes = new mcp.Server("notes", {
  target,
  stdio: { package: packages.memory },
  env: { MEMORY_FILE_PATH: `${mcp.dataDirectory}/notes.jsonl` },
  storage: true,
  tools: ["create_entities", "add_observations", "search_nodes", "read_graph"],
});

const documents = new mcp.Server("documents", {
  target,
  stdio: { package: packages.filesystem, args: [mcp.dataDirectory] },
  storage: true,
  tools: ["read_text_file", "write_file", "list_directory"],
});

const utilities = new mcp.Server("utilities", {
  target,
  http: {
    package: packages.everything,
    args: ["streamableHttp"],
    port: utilitiesPort,
  },
  // Stands for the key of a hosted API: generated, encrypted in the state, handed over by reference.
  env: { PORT: String(utilitiesPort), UTILITIES_KEY: secrets.ref("utilitiesKey") },
  tools: ["echo", "get-sum", "get-structured-content"],
});

/** Stands in for the utilities when they are gone, by another transport: callers notice nothing, and never name it. */
const reserve = new mcp.Server("utilities-reserve", {
  target,
  stdio: { package: packages.everything, args: ["stdio"] },
  env: { UTILITIES_KEY: secrets.ref("utilitiesKey") },
});

const researcher = new mcp.Consumer("researcher", {
  identity: { scope: "workbench:research" },
  uses: [
    notes.tool("search_nodes", { arguments: { query: "anything" }, expect: { contains: "entities" } }),
    documents.tool("list_directory", { arguments: { path: "." } }),
    documents.tool("read_text_file"),
    utilities.tool("get-sum", { arguments: { a: 19, b: 23 }, expect: { contains: "42" } }),
    utilities.resource("demo://resource/static/document/"),
  ],
});

const editor = new mcp.Consumer("editor", {
  identity: { scope: "workbench:edit" },
  uses: [
    notes.tool("create_entities"),
    notes.tool("add_observations"),
    documents.tool("write_file", {
      arguments: { path: "smoke-test.md", content: "Written by the smoke test." },
      expect: { contains: "Successfully wrote" },
    }),
    utilities.tool("echo", { arguments: { message: "hello" }, expect: { contains: "hello" } }),
    utilities.prompt("simple-prompt"),
  ],
});

/** The caller for people who try the stack out; staging and production have none. */
const developers = developer
  ? [
      new mcp.Consumer("developer", {
        identity: { scope: "workbench:develop" },
        uses: [
          notes.tool("read_graph", { arguments: {}, expect: { contains: "entities" } }),
          notes.tool("search_nodes"),
          notes.tool("create_entities"),
          documents.tool("list_directory", { arguments: { path: "." } }),
          documents.tool("read_text_file"),
          documents.tool("write_file"),
          utilities.tool("echo", { arguments: { message: "hello" }, expect: { contains: "hello" } }),
          utilities.tool("get-sum"),
          utilities.prompt("simple-prompt"),
          utilities.resource("demo://resource/static/document/"),
        ],
      }),
    ]
  : [];

const gateway = new mcp.Gateway("edge", {
  target,
  servers: [notes, documents, utilities],
  consumers: [researcher, editor, ...developers],
  listen: { port },
  failover: [{ primary: utilities, standby: [reserve] }],
  // Retries of what may be repeated, circuit breakers and a bound on calls at once are there without a word.
  resilience: { timeout: "10s" },
  objectives,
});

const smokeTest = new mcp.SmokeTest("smoke", { gateway });
const alerting = new mcp.Alerting("alerts", { gateway, smokeTest });

const integration = new mcp.Integration("workbench", {
  requirements: { purpose: "Notes, documents and utilities for the team's agents", owner: "platform" },
  gateway,
  alerting,
  smokeTest,
});

/** URL of the MCP endpoint. */
export const endpoint = gateway.endpoint;
/** Bearer token of the development caller, where there is one; secret. */
export const token = gateway.tokens.apply(({ developer: value }) => value ?? null);
/** Bearer tokens by consumer; secret. */
export const tokens = gateway.tokens;
/** The readiness gate's verdict. */
export const readiness = integration.readiness.status;
/** Where the alerts are: locally, a Prometheus configuration that scrapes the gateway and loads them. */
export const monitoring = alerting.location;
