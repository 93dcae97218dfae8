import { describe, expect, test } from "vitest";
import { serverSchema } from "../../components/model/index.ts";
import { processInputsSchema } from "../../components/targets/local/provider/inputs.ts";
import { serverInputs } from "../../components/targets/local/server-inputs.ts";

const inputsOf = (declared: Record<string, unknown>) =>
  serverInputs(serverSchema.parse({ name: "notes", ...declared }));

describe("a server as a local process", () => {
  test.each<[string, Record<string, unknown>, Record<string, unknown>]>([
    [
      "a stdio server runs behind a bridge with its timeout",
      { stdio: { command: "node", args: ["notes.js"] }, timeout: "5s" },
      {
        stdio: { command: "node", args: ["notes.js"], timeoutMs: 5_000 },
        startTimeoutMs: 60_000,
      },
    ],
    [
      "a stdio server without one leaves it to its gateway, which gives up before an hour",
      { stdio: { command: "node" } },
      { stdio: { command: "node", args: [], timeoutMs: 3_600_000 }, startTimeoutMs: 60_000 },
    ],
    [
      "an HTTP server keeps its port and path; its timeout is its gateway's business",
      { http: { package: "npm:notes@1.2.3", bin: "serve", port: 8080, path: "/v1/mcp" }, timeout: "5s" },
      {
        http: {
          package: "npm:notes@1.2.3",
          bin: "serve",
          args: [],
          port: 8080,
          path: "/v1/mcp",
        },
        startTimeoutMs: 60_000,
      },
    ],
    [
      "plain variables go in, secrets stay out",
      { stdio: { command: "node" }, env: { LEVEL: "debug", EMPTY: "", KEY: { store: "vault", key: "key" } } },
      {
        stdio: { command: "node", args: [], timeoutMs: 3_600_000 },
        env: { LEVEL: "debug", EMPTY: "" },
        startTimeoutMs: 60_000,
      },
    ],
    [
      "no plain variable, no environment",
      { stdio: { command: "node" }, env: { KEY: { store: "vault", key: "key" } } },
      { stdio: { command: "node", args: [], timeoutMs: 3_600_000 }, startTimeoutMs: 60_000 },
    ],
    [
      "storage and the time for a start go along",
      { stdio: { command: "node" }, storage: true, startTimeout: "2m" },
      {
        stdio: { command: "node", args: [], timeoutMs: 3_600_000 },
        storage: true,
        startTimeoutMs: 120_000,
      },
    ],
  ])("%s", (_, declared, expected) => {
    const inputs = inputsOf(declared);
    expect(inputs).toEqual(expected);
    // The provider plugin takes them, and refuses what it doesn't know.
    processInputsSchema.parse({ ...inputs, directory: "/run", name: "notes", revision: "1" });
  });

  test("isn't changed by what only its gateway needs to know", () => {
    const http = { http: { command: "node", port: 8080 } };
    expect(inputsOf({ ...http, tools: ["search"], timeout: "5s" })).toEqual(inputsOf(http));
  });
});
