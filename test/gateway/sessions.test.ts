import { join } from "node:path";
import { Client, StreamableHTTPClientTransport } from "@modelcontextprotocol/client";
import { Client as OlderClient } from "@modelcontextprotocol/sdk/client/index.js";
import { StreamableHTTPClientTransport as OlderTransport } from "@modelcontextprotocol/sdk/client/streamableHttp.js";
import {
  CreateMessageRequestSchema,
  ElicitRequestSchema,
  ListRootsRequestSchema,
  LoggingMessageNotificationSchema,
  ResourceUpdatedNotificationSchema,
} from "@modelcontextprotocol/sdk/types.js";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { SessionStore } from "../../gateway/sessions/store.ts";
import {
  alive,
  callMessage,
  consumer,
  Fixture,
  npmServer,
  type Program,
  post,
  rawServer,
  rpc,
  tools,
  until,
} from "./fixture.ts";

const fixture = new Fixture();
const agent = { authorization: "Bearer agent-token" };
let gateway: Program & { origin: string };
let everything: Program;

async function reference(era: "both" | "legacy"): Promise<string> {
  const command = [process.execPath, join(import.meta.dirname, "conformance/reference-server.ts"), era];
  const { port } = await fixture.run(command).logged("listening");
  return `http://127.0.0.1:${port}/mcp`;
}

async function everythingAt(port: number): Promise<Program> {
  const server = fixture.run(npmServer("everything", "streamableHttp"), { PORT: String(port) });
  await until(() => server.stderr().includes("listening"));
  return server;
}

beforeAll(async () => {
  const port = 20_000 + (process.pid % 5_000);
  everything = await everythingAt(port);
  const bridge = fixture.bridge("stdio", npmServer("everything", "stdio"), ["--sessions", "3"]);
  await bridge.logged("listening");
  gateway = await fixture.gateway({
    servers: [
      { name: "stdio", url: "http://localhost/mcp", socket: bridge.socket, timeoutMs: 2000 },
      { name: "everything", url: `http://127.0.0.1:${port}/mcp`, timeoutMs: 2000 },
      { name: "newer", url: await reference("both"), timeoutMs: 2000 },
      { name: "older", url: await reference("legacy"), timeoutMs: 2000 },
      { name: "raw", url: await raw(), timeoutMs: 5000 },
    ],
    consumers: [
      consumer("agent", {
        tools: [
          ...tools("everything"),
          ...tools("stdio"),
          ...tools("newer"),
          ...tools("older"),
          ...tools("raw"),
        ],
        prompts: [{ server: "newer", name: "*" }],
        resources: [
          { server: "everything", uri: "demo://resource/" },
          { server: "newer", uri: "test://" },
        ],
      }),
      consumer("other", { tools: tools("everything") }),
    ],
    sessions: { max: 20, idleMs: 60_000 },
  });
});
afterAll(() => fixture.close());

async function raw(): Promise<string> {
  const { port } = await fixture
    .run([process.execPath, join(import.meta.dirname, "raw-server.ts"), "http"])
    .logged("listening");
  return `http://127.0.0.1:${port}/mcp`;
}

/** An older client that can be asked everything, and answers with its own name. */
async function asked(name: string, origin = gateway.origin, token = "agent-token") {
  const client = new OlderClient(
    { name, version: "1" },
    { capabilities: { elicitation: {}, sampling: {}, roots: {} } },
  );
  client.setRequestHandler(ElicitRequestSchema, async () => {
    // A person takes longer than the server has for a call.
    await new Promise((done) => setTimeout(done, 2500));
    return { action: "accept" as const, content: { name, check: true } };
  });
  client.setRequestHandler(CreateMessageRequestSchema, async () => ({
    model: "none",
    role: "assistant" as const,
    content: { type: "text" as const, text: `said by ${name}` },
  }));
  client.setRequestHandler(ListRootsRequestSchema, async () => ({
    roots: [{ uri: `file:///${name}`, name }],
  }));
  const transport = new OlderTransport(new URL(`${origin}/mcp`), {
    requestInit: { headers: { authorization: `Bearer ${token}` } },
  });
  await client.connect(transport);
  return { client, transport };
}

test.each(["everything", "stdio"])(
  "a server (%s) asks the client whose call it serves, and no other; people may take their time",
  async (server) => {
    const [anna, ben] = await Promise.all([asked("anna"), asked("ben")]);
    for (const { client } of [anna, ben]) {
      const names = (await client.listTools()).tools.map((tool) => tool.name);
      expect(names).toContain(`${server}__trigger-elicitation-request`);
    }
    const call = (client: OlderClient, name: string, args = {}) =>
      client.callTool({ name: `${server}__${name}`, arguments: args }).then((r) => JSON.stringify(r.content));
    const [elicited, sampled, rooted] = await Promise.all([
      call(anna.client, "trigger-elicitation-request"),
      call(ben.client, "trigger-sampling-request", { prompt: "hello" }),
      until(async () => {
        const roots = await call(ben.client, "get-roots-list");
        return roots.includes("file:///ben") && roots;
      }),
    ]);
    expect(elicited).toContain("anna");
    expect(sampled).toContain("said by ben");
    expect(rooted).not.toContain("anna");
    await Promise.all([anna, ben].map(({ transport }) => transport.terminateSession()));
    await Promise.all([anna, ben].map(({ client }) => client.close()));
  },
);

test("a server that was started anew gets to know its clients again, and asks them", async () => {
  const port = 25_000 + (process.pid % 5_000);
  const before = await everythingAt(port);
  const one = await fixture.gateway({
    servers: [{ name: "again", url: `http://127.0.0.1:${port}/mcp`, timeoutMs: 2000 }],
    consumers: [consumer("agent", { tools: tools("again") })],
  });
  const { client } = await asked("moritz", one.origin);
  const call = { name: "again__trigger-sampling-request", arguments: { prompt: "hello" } };
  expect(JSON.stringify((await client.callTool(call)).content)).toContain("said by moritz");
  before.signal("SIGKILL");
  await before.exit;
  await everythingAt(port);
  expect(JSON.stringify((await client.callTool(call)).content)).toContain("said by moritz");
  // What it asks on its own account reaches the client as well: the roots, on the stream of the new session.
  await until(async () => {
    const { content } = await client.callTool({ name: "again__get-roots-list", arguments: {} });
    return JSON.stringify(content).includes("file:///moritz");
  });
  await client.close();
});

test("behind a bridge a client that can be asked has a process of its own, for as long as its session", async () => {
  const bridge = fixture.bridge("own", rawServer("stdio"), ["--sessions", "2"]);
  await bridge.logged("listening");
  const one = await fixture.gateway({
    servers: [{ name: "own", url: "http://localhost/mcp", socket: bridge.socket, timeoutMs: 2000 }],
    consumers: [consumer("agent", { tools: tools("own") })],
  });
  const [ida, jan] = await Promise.all([asked("ida", one.origin), asked("jan", one.origin)]);
  const plain = await fixture.older(one.origin, "agent-token");
  const pids = await Promise.all(
    [ida.client, jan.client, plain].map(async (client) => {
      const { content } = await client.callTool({ name: "own__pid", arguments: {} });
      return Number((content as { text: string }[])[0]?.text);
    }),
  );
  expect(new Set(pids).size).toBe(3);
  await ida.transport.terminateSession();
  await until(() => !alive(pids[0] ?? 0));
  expect(pids.slice(1).every(alive)).toBe(true);
  await Promise.all([ida, jan].map(({ client }) => client.close()));
  one.signal("SIGTERM");
  await one.exit;
  await until(() => !alive(pids[1] ?? 0));
});

const INITIALIZE = {
  jsonrpc: "2.0",
  id: 1,
  method: "initialize",
  params: {
    protocolVersion: "2025-11-25",
    capabilities: { elicitation: {} },
    clientInfo: { name: "bare", version: "1" },
  },
};
const PLAIN = { ...INITIALIZE, params: { ...INITIALIZE.params, capabilities: {} } };
const ping = { jsonrpc: "2.0", id: 2, method: "ping" };

/** The id of a new session. */
async function session(token = "agent-token", origin = gateway.origin): Promise<string> {
  const answer = await post(origin, INITIALIZE, { authorization: `Bearer ${token}` });
  await answer.text();
  expect(answer.status).toBe(200);
  return answer.headers.get("mcp-session-id") ?? "";
}

describe("a session", () => {
  test("is for clients that can be asked something; others have none, and aren't offered what needs one", async () => {
    expect(await session()).toMatch(/^[0-9a-f-]{36}$/);
    const plain = await post(gateway.origin, PLAIN, agent);
    expect(plain.headers.get("mcp-session-id")).toBeNull();
    const offered = await plain.text();
    expect(offered).not.toContain("logging");
    expect(offered).not.toContain("subscribe");
  });

  test("is its owner's alone, and over when that says so", async () => {
    const id = await session();
    const as = (token: string, sent: unknown = ping) =>
      post(gateway.origin, sent, { authorization: `Bearer ${token}`, "mcp-session-id": id });
    expect((await as("agent-token")).status).toBe(200);
    const stolen = await as("other-token");
    expect([stolen.status, (await rpc(stolen)).error?.message]).toEqual([404, "Session not found"]);
    const end = (token: string) =>
      fetch(`${gateway.origin}/mcp`, {
        method: "DELETE",
        headers: { authorization: `Bearer ${token}`, "mcp-session-id": id },
      });
    expect((await end("other-token")).status).toBe(404);
    expect((await end("agent-token")).status).toBe(200);
    expect((await as("agent-token")).status).toBe(404);
    expect((await as("agent-token", callMessage("raw__seen"))).status).toBe(404);
    expect((await end("agent-token")).status).toBe(404);
  });

  test("ends at the server when it ends at the gateway", async () => {
    const { client, transport } = await asked("carl");
    await client.listTools();
    const before = everything.stdout().split("session termination").length;
    await transport.terminateSession();
    await until(() => everything.stdout().split("session termination").length > before);
    await client.close();
  });

  test("carries log messages of the level that the client set, in a call and outside of it", async () => {
    const { client } = await asked("dora");
    const logged: string[] = [];
    client.setNotificationHandler(
      LoggingMessageNotificationSchema,
      ({ params }) => void logged.push(params.level),
    );
    await client.callTool({ name: "newer__test_tool_with_logging", arguments: {} });
    expect(logged).toEqual([]); // a server of the newer era logs for those who name a level
    await client.setLoggingLevel("info");
    await client.callTool({ name: "newer__test_tool_with_logging", arguments: {} });
    expect(logged).toContain("info");
    await expect(client.setLoggingLevel("loud" as never)).rejects.toThrow(/level must be one of/);
    // One of the older era sends on its own account, by the level that it was told.
    logged.length = 0;
    await client.setLoggingLevel("debug");
    await client.callTool({ name: "everything__toggle-simulated-logging", arguments: {} });
    await until(() => logged.length > 0);
    await client.close();
  });

  test("carries subscriptions to resources", async () => {
    const { client } = await asked("emil");
    const uri = "demo://resource/static/document/features.md";
    const updated: string[] = [];
    client.setNotificationHandler(
      ResourceUpdatedNotificationSchema,
      ({ params }) => void updated.push(params.uri),
    );
    await expect(client.subscribeResource({ uri: "file:///etc/passwd" })).rejects.toThrow();
    await client.subscribeResource({ uri });
    await client.subscribeResource({ uri: "test://watched-resource" });
    await client.callTool({ name: "everything__toggle-subscriber-updates", arguments: {} });
    await until(() => updated.includes(uri));
    await client.unsubscribeResource({ uri });
    await client.unsubscribeResource({ uri: "test://watched-resource" });
    await client.close();
  });

  test("lets a client cancel a call", async () => {
    const { client } = await asked("fritz");
    const gone = new AbortController();
    const call = client.callTool({ name: "raw__slow", arguments: { ms: 4000 } }, undefined, {
      signal: gone.signal,
    });
    setTimeout(() => gone.abort(), 200);
    await expect(call).rejects.toThrow();
    await until(async () => {
      const { content } = await client.callTool({ name: "raw__cancelled", arguments: {} });
      return JSON.stringify(content).includes("1");
    });
    await client.close();
  });

  test("there are only so many: an idle one makes room, one with an open stream does not", async () => {
    const small = await fixture.gateway({ consumers: [consumer("agent", {})], sessions: { max: 1 } });
    const first = await session("agent-token", small.origin);
    const second = await until(() => session("agent-token", small.origin)); // refused until the first is idle
    expect((await post(small.origin, ping, { ...agent, "mcp-session-id": first })).status).toBe(404);
    const stream = await fetch(`${small.origin}/mcp`, {
      headers: { ...agent, "mcp-session-id": second, accept: "text/event-stream" },
    });
    const refused = await post(small.origin, INITIALIZE, agent);
    expect([refused.status, refused.headers.get("retry-after")]).toEqual([503, "60"]);
    await stream.body?.cancel();
    await until(() => session("agent-token", small.origin));
  });
});

describe.each(["newer", "older"])("a server of the %s era asks", (era) => {
  test("a client with a session", async () => {
    const { client } = await asked("gerda");
    const call = async (tool: string, args = {}) => {
      const { content } = await client.callTool({ name: `${era}__${tool}`, arguments: args });
      return JSON.stringify(content);
    };
    expect(await call("test_input_required_result_multiple_inputs")).toMatch(
      /gerda.*said by gerda.*file:..\/gerda/,
    );
    await client.close();
  }, 20_000);

  test("no client that can't be asked", async () => {
    const client = await fixture.older(gateway.origin, "agent-token");
    const call = client.callTool({ name: `${era}__test_input_required_result_elicitation`, arguments: {} });
    await expect(call.then((result) => result.isError && Promise.reject(result))).rejects.toBeDefined();
  });
});

/** A client of 2026-07-28 that can be asked for a form, and answers with its own name. */
async function askedNewer(name: string, origin = gateway.origin) {
  const client = new Client(
    { name, version: "1" },
    { capabilities: { elicitation: {} }, versionNegotiation: { mode: { pin: "2026-07-28" } } },
  );
  client.setRequestHandler("elicitation/create", async () => ({ action: "accept", content: { name } }));
  const transport = new StreamableHTTPClientTransport(new URL(`${origin}/mcp`), {
    requestInit: { headers: agent },
  });
  await client.connect(transport);
  return client;
}

test("a client of the newer era answers by sending its request again", async () => {
  const client = await askedNewer("hans");
  const greet = (server: string) =>
    client.callTool({ name: `${server}__test_input_required_result_elicitation`, arguments: {} });
  expect(JSON.stringify((await greet("newer")).content)).toContain("Hello, hans!");
  // A server of the older era would ask during the call, which nothing can be asked in.
  expect((await greet("older")).isError).toBe(true);
  await client.close();
});

test("a stdio server of the newer era asks through its bridge, clients of both eras", async () => {
  const bridge = fixture.bridge("asking", [process.execPath, join(import.meta.dirname, "asking-server.ts")]);
  await bridge.logged("listening");
  const one = await fixture.gateway({
    servers: [{ name: "asking", url: "http://localhost/mcp", socket: bridge.socket, timeoutMs: 2000 }],
    consumers: [consumer("agent", { tools: tools("asking") })],
  });
  const greet = { name: "asking__greet", arguments: {} };
  const newer = await askedNewer("kurt", one.origin);
  expect(JSON.stringify((await newer.callTool(greet)).content)).toContain("Hello, kurt!");
  const { client: older } = await asked("lotte", one.origin);
  expect(JSON.stringify((await older.callTool(greet)).content)).toContain("Hello, lotte!");
  await Promise.all([newer.close(), older.close()]);
});

test("room for a new session is made by its owner's oldest, else by the oldest of all", () => {
  const closed: string[] = [];
  const store = new SessionStore<{ id: string; close(): void }>({ max: 3, idleMs: 10 }, () => 0);
  for (const id of ["mine-1", "mine-2", "yours-1"]) {
    store.add(id.split("-")[0] ?? "", { id, close: () => void closed.push(id) });
  }
  expect(store.makeRoom("yours")).toBe(true);
  store.add("yours", { id: "yours-2", close: () => void closed.push("yours-2") });
  expect(store.makeRoom("theirs")).toBe(true);
  store.add("theirs", { id: "theirs-1", close: () => void closed.push("theirs-1") });
  expect(closed).toEqual(["yours-1", "mine-1"]);
  for (const id of ["mine-2", "yours-2", "theirs-1"]) store.use(id);
  expect(store.makeRoom("mine")).toBe(false);
  store.close();
});

test("sessions that nobody uses are closed after a while, those in use are not", () => {
  let now = 0;
  const closed: string[] = [];
  const store = new SessionStore<{ id: string; close(): void }>({ max: 3, idleMs: 10 }, () => now);
  for (const id of ["a", "b"]) store.add("someone", { id, close: () => void closed.push(id) });
  const done = store.use("a");
  now = 20;
  store.expire();
  expect(closed).toEqual(["b"]);
  done();
  store.expire();
  expect(store.find("a", "someone")?.id).toBe("a");
  expect(store.find("a", "someone else")).toBeUndefined();
  now = 40;
  store.expire();
  expect([closed, store.size]).toEqual([["b", "a"], 0]);
  store.close();
});
