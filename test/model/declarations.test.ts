import { describe, expect, test } from "vitest";
import { read } from "../../components/declaration.ts";
import {
  consumerSchema,
  gatewaySchema,
  requirementsSchema,
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
      timeout: 10_000,
      startTimeout: 60_000,
      storage: false,
    });
  });

  const malformed: [string, Record<string, unknown>, string[]][] = [
    ["no transport", { stdio: undefined }, ["server notes"]],
    ["two transports", { remote: { url: "https://example.com/mcp" } }, ["server notes"]],
    ["nothing to start", { stdio: {} }, ["server notes: stdio"]],
    ["two things to start", { stdio: { package: "npm:a@1.0.0", command: "a" } }, ["server notes: stdio"]],
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
    ["a value that is no text", { env: { KEY: 5 } }, ["server notes: env.KEY"]],
    ["a name that is no variable", { env: { "MY-KEY": "a" } }, ["server notes: env.MY-KEY"]],
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
      auth: { mode: "tokens" },
      resilience: {},
    });
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
  ])("is refused with %s", (_, change, path) => {
    const { findings } = read(gatewaySchema, "gateway edge", { name: "edge", ...change });
    expect(findings.map((finding) => finding.path)).toEqual([`gateway edge: ${path}`]);
  });
});

test("requirements say something", () => {
  expect(read(requirementsSchema, "requirements", { purpose: "stuff", owner: "" }).findings).toHaveLength(2);
});
