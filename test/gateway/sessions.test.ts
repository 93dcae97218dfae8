import {
  LoggingMessageNotificationSchema,
  ResourceUpdatedNotificationSchema,
} from "@modelcontextprotocol/sdk/types.js";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { SessionStore } from "../../gateway/sessions/store.ts";
import { agent, asked, everythingAt, reference } from "./asked-clients.ts";
import {
  callMessage,
  consumer,
  Fixture,
  type Program,
  post,
  rawServer,
  rpc,
  tools,
  until,
} from "./fixture.ts";

const fixture = new Fixture();
let gateway: Program & { origin: string };
let everything: Program;

beforeAll(async () => {
  const port = 10_000 + (process.pid % 5_000);
  everything = await everythingAt(fixture, port);
  const raw = await fixture.run(rawServer("http")).logged("listening");
  gateway = await fixture.gateway({
    servers: [
      { name: "everything", url: `http://127.0.0.1:${port}/mcp`, timeoutMs: 2000 },
      { name: "newer", url: await reference(fixture, "both"), timeoutMs: 2000 },
      { name: "raw", url: `http://127.0.0.1:${raw.port}/mcp`, timeoutMs: 5000 },
    ],
    consumers: [
      consumer("agent", {
        tools: ["everything", "newer", "raw"].flatMap((server) => tools(server)),
        resources: [
          { server: "everything", uri: "demo://resource/" },
          { server: "newer", uri: "test://" },
        ],
      }),
      consumer("other", { tools: tools("everything") }),
    ],
  });
});
afterAll(() => fixture.close());

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
    const { client, transport } = await asked(gateway.origin, "carl");
    await client.listTools();
    const before = everything.stdout().split("session termination").length;
    await transport.terminateSession();
    await until(() => everything.stdout().split("session termination").length > before);
    await client.close();
  });

  test("carries log messages of the level that the client set, in a call and outside of it", async () => {
    const { client } = await asked(gateway.origin, "dora");
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
    const { client } = await asked(gateway.origin, "emil");
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
    const { client } = await asked(gateway.origin, "fritz");
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
