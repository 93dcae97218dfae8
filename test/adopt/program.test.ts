// biome-ignore-all lint/suspicious/noTemplateCurlyInString: so clients write references, and programs template literals
import { describe, expect, test } from "vitest";
import { contactOf, judge, moduleText, planOf, programText, readServers } from "../../adopt/index.ts";

const defaults = { name: "team", owner: "tools" };

/** Plans files as they would lie in /home/me/app. */
function plan(files: object[], env: Record<string, string> = {}) {
  const places = { workspaceFolder: "/home/me/app", userHome: "/home/me" };
  const sources = files.map((file) => ({
    name: "mcp.json",
    places,
    file: readServers(JSON.stringify(file), "mcp.json"),
  }));
  const versions = new Map([["notes", "2.0.0"]]);
  const resolve = (text: string, directory: string) =>
    text === "./server.js" ? `${directory}/server.js` : undefined;
  return planOf(sources, { env, versions, resolve });
}

const client = (mcpServers: object) => ({ mcpServers });

function written(files: object[], env?: Record<string, string>) {
  const { plan: planned, settings } = plan(files, env);
  return {
    text: programText(planned, settings, defaults),
    settings,
    told: planned.remarks.map(({ server, text }) => `${server}: ${text}`).join("\n"),
  };
}

const value = "ghp_abcdefghijklmnopqrstuvwxyz0123456789";

describe("secrets", () => {
  test.each([
    [
      "a variable, by its name",
      { command: "a", env: { NOTES_PASSWORD: "p4ssword" } },
      "p4ssword",
      "notesPassword",
    ],
    ["a variable, by its value", { command: "a", env: { NOTES: value } }, value, "notes"],
    [
      "a header",
      { url: "https://a.example.com/mcp", headers: { Authorization: `Bearer ${value}` } },
      `Bearer ${value}`,
      "aAuthorization",
    ],
    ["a flag with its value", { command: "a", args: ["--api-key", "k3y-of-it"] }, "k3y-of-it", "aApiKey"],
    ["a flag in one", { command: "a", args: ["--db-password=p4ssword"] }, "p4ssword", "dbPassword"],
    [
      "an argument by its form",
      { command: "a", args: ["-v", "serve", "postgres://u:p4ss@h/db"] },
      "postgres://u:p4ss@h/db",
      "databaseUrl",
    ],
    [
      "a header among arguments",
      { command: "a", args: ["-H", "X-Api-Key: k3y-of-it"] },
      "X-Api-Key: k3y-of-it",
      "aXApiKey",
    ],
    [
      "a parameter of a URL",
      { url: "https://a.example.com/mcp?api_key=k3y-of-it&region=eu" },
      "k3y-of-it",
      "aApiKey",
    ],
    [
      "a user in a URL",
      { url: "https://me:p4ss@a.example.com/mcp" },
      `Basic ${btoa("me:p4ss")}`,
      "aAuthorization",
    ],
    ["docker's -e", { command: "docker", args: ["run", "-e", `TOKEN=${value}`, "img"] }, value, "aToken"],
  ])("%s is moved into secret configuration", (_, server, hidden, key) => {
    const { text, told, settings } = written([client({ a: server })]);
    expect(settings.all).toContainEqual(expect.objectContaining({ key, secret: true, value: hidden }));
    expect(text).toContain(`${key}: config.requireSecret("${key}")`);
    for (const part of [hidden, "p4ss", "k3y-of-it", value]) {
      expect(text).not.toContain(part);
      expect(told).not.toContain(part);
    }
  });

  test("what others set is referred to: one setting for each, and its value where it is known", () => {
    const { text, settings } = written(
      [
        client({
          a: { command: "a", env: { KEY: "${env:MY_KEY}", OTHER: "${MY_KEY}", LATER: "${LATER:-x}" } },
          b: { url: "https://b.example.com/mcp", headers: { Authorization: "Bearer ${B_KEY}" } },
        }),
      ],
      { MY_KEY: "known" },
    );
    expect(settings.all.map(({ key, value }) => [key, value])).toEqual([
      ["myKey", "known"],
      ["later", "x"],
      ["bKey", undefined],
    ]);
    expect(text).toContain(
      'env: { KEY: secrets.ref("myKey"), OTHER: secrets.ref("myKey"), LATER: secrets.ref("later") }',
    );
    expect(text).toContain('bAuthorization: pulumi.interpolate`Bearer ${config.requireSecret("bKey")}`');
  });

  test("text beside a reference is kept with it: it may be the other half of the secret", () => {
    const { text, settings } = written(
      [client({ a: { command: "a", env: { DSN: "db://me:p4ss@${HOST}/x" } } })],
      { HOST: "h" },
    );
    expect(settings.all).toEqual([
      {
        key: "dsn",
        secret: true,
        value: "db://me:p4ss@h/x",
        from: expect.stringContaining("environment variable HOST"),
      },
    ]);
    expect(text).not.toContain("p4ss");
  });

  test("what VS Code asks for is secret in an argument when it is typed unseen, and configuration when it is not", () => {
    const inputs = [
      { id: "dsn", password: true },
      { id: "region", password: false },
    ];
    const { text } = written([
      {
        inputs,
        servers: { a: { command: "a", args: ["--dsn", "${input:dsn}", "--region=${input:region}"] } },
      },
    ]);
    expect(text).toContain('args: [`--region=${config.require("region")}`]');
    expect(text).toContain('env: { DSN: secrets.ref("dsn") }');
  });

  test("two servers may have one variable with another value, or the same", () => {
    const { settings } = written([
      client({
        a: { command: "a", env: { MY_TOKEN: "one-value" } },
        b: { command: "b", env: { MY_TOKEN: "other-value" } },
        c: { command: "c", env: { MY_TOKEN: "one-value" } },
      }),
    ]);
    expect(settings.all.map(({ key }) => key)).toEqual(["myToken", "bMyToken"]);
  });
});

describe("the program", () => {
  test("reads as if by hand", () => {
    const { plan: planned, settings } = plan([
      client({ notes: { command: "npx", args: ["-y", "notes", "${workspaceFolder}"], env: { LEVEL: "2" } } }),
    ]);
    for (const server of planned.servers)
      server.tools = [
        { name: "write", safe: false },
        { name: "list", safe: true },
      ];
    expect(programText(planned, settings, defaults)).toBe(`import * as mcp from "mcp-infra";

// Written by \`npx mcp-infra import\` from mcp.json; from here on it is yours.

const target = mcp.local();

const notes = new mcp.Server("notes", {
  target,
  stdio: { package: "npm:notes@2.0.0", args: ["/home/me/app"] },
  env: { LEVEL: "2" },
});

const agent = new mcp.Consumer("agent", {
  identity: { scope: "team" },
  uses: [notes.tool("write"), notes.tool("list", { arguments: {} })],
});

const gateway = new mcp.Gateway("edge", {
  target,
  servers: [notes],
  consumers: [agent],
  resilience: { timeout: "30s" },
  objectives: { availability: 0.99, p95: "5s" },
});

const smokeTest = new mcp.SmokeTest("smoke", { gateway });
const alerting = new mcp.Alerting("alerts", { gateway, smokeTest });

new mcp.Integration("team", {
  requirements: { purpose: "Gives our agents the tools of notes", owner: "tools" },
  gateway,
  alerting,
  smokeTest,
});

/** URL of the MCP endpoint. */
export const endpoint = gateway.endpoint;
`);
    expect(judge(planned, settings, defaults)).toMatchObject({
      readiness: { status: "READY" },
      findings: [],
    });
    expect(moduleText(planned, settings, defaults)).toContain(
      "export function imported(target: mcp.Target) {\n  const notes = ",
    );
  });

  test("text of others stays text: quotes, backticks, lines and what looks like code", () => {
    const { text } = written([
      client({ a: { command: "a", args: ["`${x}`\"'\\\n\u2028", "${Y}`"], env: { "A-B": "x" } } }),
    ]);
    expect(text).toContain('config.require("x")');
    expect(text).toContain('\\`${config.require("x")}\\`"\'\\\\\\n\\u2028');
    expect(text).not.toContain("\u2028");
    expect(text).not.toContain("A-B");
  });

  test.each([
    ["My Notes", "my-notes", "myNotes"],
    ["gateway", "gateway", "gatewayServer"],
    ["agent", "agent-2", "agent2"],
    ["2nd_server", "server-2nd-server", "server2ndServer"],
    ["io.github.acme/search", "search", "search"],
    ["\u00fc", "server", "server"],
  ])("a server called %s is %s in the stack, and %s in the code", (given, name, identifier) => {
    const { plan: planned } = plan([client({ [given]: { command: "a" } })]);
    expect(planned.servers[0]).toMatchObject({ name, identifier });
    expect(planned.remarks.some(({ text }) => text.startsWith("is called"))).toBe(name !== given);
  });

  test("servers whose names become one are told apart, also across files", () => {
    const files = [
      client({ "my notes": { command: "a" }, my_notes: { command: "b" } }),
      client({ "my-notes": { command: "c" } }),
    ];
    expect(plan(files).plan.servers.map(({ name }) => name)).toEqual([
      "my-notes",
      "my-notes-2",
      "my-notes-3",
    ]);
  });

  test("what can't be declared is left out or told, and the rest is imported", () => {
    const { text, told } = written([
      client({
        script: { command: "bash", args: ["-c", "run"] },
        old: { type: "sse", url: "https://old.example.com/sse" },
        nowhere: { url: "not a url" },
        local: { command: "node", args: ["./server.js"] },
        unknown: { command: "npx", args: ["unpublished"] },
      }),
    ]);
    expect(told).toContain("script: is left out: its command is a script in a shell");
    expect(told).toContain("nowhere: is left out: its URL is none");
    expect(told.match(/speaks HTTP with SSE/g)).toHaveLength(1);
    expect(told).toContain(
      "unknown: unpublished names no exact version, and the registry could not be asked",
    );
    expect(text).toContain('args: ["/home/me/app/server.js"]');
    expect(text).toContain("servers: [old, local, unknown],");
  });

  test("images of a cluster stay in a cluster; here they are refused as the preview will", () => {
    const image = {
      registryType: "oci",
      identifier: "img@sha256:aa",
      transport: { type: "streamable-http", url: "http://localhost:3000/mcp" },
    };
    const { text } = written([{ name: "a/b", packages: [image] }]);
    expect(text).toContain(
      'mcp.kubernetes({\n  namespace: "mcp",\n  image: { reference: config.require("image"), packages: [] },\n});',
    );
    expect(text).toContain('http: { image: "img@sha256:aa", port: 3000 }');
    const { plan: mixed, settings } = plan([
      client({ a: { command: "docker", args: ["run", "img"] }, b: { command: "b" } }),
    ]);
    expect(judge(mixed, settings, defaults).findings).toMatchObject([{ rule: "local-no-images" }]);
  });

  test("nothing known of the tools blocks readiness, and says so", () => {
    const { plan: planned, settings } = plan([client({ a: { command: "a" } })]);
    const { readiness } = judge(planned, settings, defaults);
    expect(readiness.status).toBe("BLOCKED");
    expect(readiness.items[0]?.reason).toContain("consumer agent uses nothing");
  });
});

test("a server is asked as it will run, with every value in place, or not at all", () => {
  const file = client({
    a: { command: "a", args: ["${userHome}"], env: { KEY: "${MY_KEY}" } },
    b: { url: "https://b.example.com/mcp", headers: { Authorization: "Bearer ${MY_KEY}" } },
    c: { command: "docker", args: ["run", "img"] },
  });
  const contacts = (env: Record<string, string>) => {
    const { plan: planned, settings } = plan([file], env);
    return planned.servers.map((server) => contactOf(server, settings));
  };
  expect(contacts({ MY_KEY: "v" })).toEqual([
    { program: { command: "a" }, args: ["/home/me"], env: { KEY: "v" } },
    { url: "https://b.example.com/mcp", headers: { Authorization: "Bearer v" } },
    { failure: "images are not started here" },
  ]);
  expect(contacts({})[0]).toEqual({ failure: "there is no value yet for myKey" });
});
