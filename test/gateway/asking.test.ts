import { join } from "node:path";
import type { Client as OlderClient } from "@modelcontextprotocol/sdk/client/index.js";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { asked, askedNewer, everythingAt, reference } from "./asked-clients.ts";
import { alive, consumer, Fixture, npmServer, type Program, rawServer, tools, until } from "./fixture.ts";

const fixture = new Fixture();
let gateway: Program & { origin: string };

beforeAll(async () => {
  const port = 20_000 + (process.pid % 5_000);
  const bridge = fixture.bridge("stdio", npmServer("everything", "stdio"), ["--sessions", "3"]);
  await Promise.all([bridge.logged("listening"), everythingAt(fixture, port)]);
  gateway = await fixture.gateway({
    servers: [
      { name: "stdio", url: "http://localhost/mcp", socket: bridge.socket, timeoutMs: 2000 },
      { name: "everything", url: `http://127.0.0.1:${port}/mcp`, timeoutMs: 2000 },
      { name: "newer", url: await reference(fixture, "both"), timeoutMs: 2000 },
      { name: "older", url: await reference(fixture, "legacy"), timeoutMs: 2000 },
    ],
    consumers: [
      consumer("agent", {
        tools: ["stdio", "everything", "newer", "older"].flatMap((server) => tools(server)),
      }),
    ],
  });
});
afterAll(() => fixture.close());

test.each(["everything", "stdio"])(
  "a server (%s) asks the client whose call it serves, and no other; people may take their time",
  async (server) => {
    const [anna, ben] = await Promise.all([asked(gateway.origin, "anna"), asked(gateway.origin, "ben")]);
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
  const before = await everythingAt(fixture, port);
  const one = await fixture.gateway({
    servers: [{ name: "again", url: `http://127.0.0.1:${port}/mcp`, timeoutMs: 2000 }],
    consumers: [consumer("agent", { tools: tools("again") })],
  });
  const { client } = await asked(one.origin, "moritz");
  const call = { name: "again__trigger-sampling-request", arguments: { prompt: "hello" } };
  expect(JSON.stringify((await client.callTool(call)).content)).toContain("said by moritz");
  before.signal("SIGKILL");
  await before.exit;
  await everythingAt(fixture, port);
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
  const [ida, jan] = await Promise.all([asked(one.origin, "ida"), asked(one.origin, "jan")]);
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

describe.each(["newer", "older"])("a server of the %s era asks", (era) => {
  test("a client with a session", async () => {
    const { client } = await asked(gateway.origin, "gerda");
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

test("a client of the newer era answers by sending its request again", async () => {
  const client = await askedNewer(gateway.origin, "hans");
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
  const newer = await askedNewer(one.origin, "kurt");
  expect(JSON.stringify((await newer.callTool(greet)).content)).toContain("Hello, kurt!");
  const { client: older } = await asked(one.origin, "lotte");
  expect(JSON.stringify((await older.callTool(greet)).content)).toContain("Hello, lotte!");
  await Promise.all([newer.close(), older.close()]);
});
