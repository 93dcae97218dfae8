import http from "node:http";
import type { Client } from "@modelcontextprotocol/client";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { z } from "zod";
import {
  callMessage,
  consumer,
  Fixture,
  jsonLines,
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
const anything = z.looseObject({});
let gateway: Program & { origin: string };

beforeAll(async () => {
  const everything = fixture.bridge("everything", npmServer("everything", "stdio"));
  const memory = fixture.bridge("memory", npmServer("memory"), [], {
    MEMORY_FILE_PATH: fixture.file("", "memory.jsonl"),
  });
  const raw = fixture.run(rawServer("http"), { RAW_SERVER_KEY: "upstream-key" });
  const { port } = await raw.logged("listening");
  await Promise.all([everything.logged("listening"), memory.logged("listening")]);
  gateway = await fixture.gateway(
    {
      servers: [
        { name: "everything", url: "http://localhost/mcp", socket: everything.socket, timeoutMs: 5000 },
        {
          name: "memory",
          url: "http://localhost/mcp",
          socket: memory.socket,
          timeoutMs: 5000,
          tools: ["read_graph", "search_nodes"],
        },
        {
          name: "raw",
          url: `http://127.0.0.1:${port}/mcp`,
          timeoutMs: 1000,
          headersFromEnv: { "X-Key": "RAW_KEY" },
        },
      ],
      consumers: [
        consumer("agent", {
          tools: [
            ...tools("everything", "echo", "trigger-long-running-operation"),
            ...tools("memory"),
            ...tools("raw"),
          ],
          prompts: [{ server: "everything", name: "completable-prompt" }],
          resources: [
            { server: "everything", uri: "demo://resource/static/document/" },
            { server: "raw", uri: "raw://a/" },
          ],
        }),
        consumer("reader", { tools: tools("everything", "get-sum") }),
      ],
      maxRequestBytes: 10_000,
    },
    { RAW_KEY: "upstream-key" },
  );
});
afterAll(() => fixture.close());

describe.each(["modern", "older"] as const)("a client of the %s era", (era) => {
  test("sees what it is granted, and nothing else", async () => {
    const client = await fixture[era](gateway.origin, "agent-token");
    expect(client.getServerVersion()).toMatchObject({ name: "edge" });
    const names = (await client.listTools()).tools.map((tool) => tool.name);
    expect(names.filter((name) => !name.startsWith("raw__"))).toEqual([
      "everything__echo",
      "everything__trigger-long-running-operation",
      "memory__read_graph",
      "memory__search_nodes",
    ]);
    expect(names.filter((name) => name.startsWith("raw__"))).toHaveLength(9);
    const { prompts } = await client.listPrompts();
    expect(prompts.map((prompt) => prompt.name)).toEqual(["everything__completable-prompt"]);
    const { resources } = await client.listResources();
    expect(
      resources.map(({ uri }) => uri).every((uri) => /^(demo:\/\/resource\/static|raw:\/\/a)/.test(uri)),
    ).toBe(true);
    expect(resources.find(({ uri }) => uri === "raw://a/1")?.name).toBe("raw__one");
    const { resourceTemplates } = await client.listResourceTemplates();
    expect(resourceTemplates.map(({ uriTemplate }) => uriTemplate)).toEqual(["raw://a/{x}"]);
  });

  test("calls tools, gets prompts with completion, reads resources", async () => {
    const client = await fixture[era](gateway.origin, "agent-token");
    const echo = await client.callTool({ name: "everything__echo", arguments: { message: "hello" } });
    expect(echo.content).toEqual([{ type: "text", text: "Echo: hello" }]);
    const ref = { type: "ref/prompt", name: "everything__completable-prompt" } as const;
    const { completion } = await client.complete({ ref, argument: { name: "department", value: "Eng" } });
    expect(completion.values).toEqual(["Engineering"]);
    const prompt = await client.getPrompt({
      name: ref.name,
      arguments: { department: "Sales", name: "David" },
    });
    expect(prompt.messages).toHaveLength(1);
    const read = await client.readResource({ uri: "demo://resource/static/document/features.md" });
    expect(read.contents[0]?.uri).toBe("demo://resource/static/document/features.md");
    const graph = await client.callTool({ name: "memory__read_graph", arguments: {} });
    expect(graph.structuredContent).toEqual({ entities: [], relations: [] });
  });

  test("is refused what another consumer has, in words that don't tell whether it exists", async () => {
    const client = await fixture[era](gateway.origin, "agent-token");
    await expect(
      client.callTool({ name: "everything__get-sum", arguments: { a: 1, b: 2 } }),
    ).rejects.toThrow();
    await expect(client.readResource({ uri: "raw://b/2" })).rejects.toThrow();
    await expect(client.readResource({ uri: "raw://a/../b/2" })).rejects.toThrow();
    await expect(client.getPrompt({ name: "everything__simple-prompt" })).rejects.toThrow();
    const other = await fixture[era](gateway.origin, "reader-token");
    const sum = await other.callTool({ name: "everything__get-sum", arguments: { a: 1, b: 2 } });
    expect(JSON.stringify(sum.content)).toContain("3");
    // A client without a session isn't offered what would have to be remembered for it.
    expect(other.getServerCapabilities()).toEqual({
      tools: { listChanged: true },
      ...(era === "modern" && { logging: {} }),
    });
  });

  test("gets progress while a call runs", async () => {
    const client = await fixture[era](gateway.origin, "agent-token");
    const seen: number[] = [];
    const onprogress = ({ progress }: { progress: number }) => void seen.push(progress);
    const call = { name: "raw__progress", arguments: {} };
    const result =
      "setVersionNegotiation" in client
        ? await client.callTool(call, { onprogress })
        : await client.callTool(call, undefined, { onprogress });
    expect(seen).toEqual([1, 2]);
    expect(JSON.stringify(result.content)).toContain("number");
  });

  test("gets definitions and results raw: unknown fields, unknown kinds of content", async () => {
    const client = await fixture[era](gateway.origin, "agent-token");
    const request = <T>(method: string, params: object) =>
      (client as Client).request({ method, params } as never, anything as never) as Promise<T>;
    const { tools: listed } = await request<{ tools: Record<string, unknown>[] }>("tools/list", {});
    const odd = listed.find((tool) => tool.name === "raw__odd");
    expect(odd).toMatchObject({
      "x-vendor": { nested: [1, { two: null }] },
      inputSchema: { "x-schema-extension": 1 },
      execution: { taskSupport: "optional" },
    });
    const answer = await rpc(post(gateway.origin, callMessage("raw__odd"), agent));
    expect(answer.result).toEqual({
      content: [{ type: "hologram", depth: 3, "x-more": true }],
      "x-result": { kept: "yes" },
    });
    const { contents } = await request<{ contents: unknown[] }>("resources/read", { uri: "raw://a/1" });
    expect(contents).toEqual([{ uri: "raw://a/1", text: "read", "x-raw": 1 }]);
  });
});

describe("what HTTP says", () => {
  test("401 with a challenge to those who are not known", async () => {
    const none = await post(gateway.origin, callMessage("everything__echo"));
    expect(none.status).toBe(401);
    expect(none.headers.get("www-authenticate")).toBe('Bearer realm="edge"');
    const wrong = await post(gateway.origin, callMessage("everything__echo"), {
      authorization: "Bearer wrong-token",
    });
    expect(wrong.status).toBe(401);
    expect(wrong.headers.get("www-authenticate")).toContain('error="invalid_token"');
    expect(await wrong.json()).toMatchObject({
      jsonrpc: "2.0",
      id: null,
      error: { message: expect.any(String) },
    });
    const basic = await post(gateway.origin, callMessage("everything__echo"), {
      authorization: "Basic YTpi",
    });
    expect([basic.status, basic.headers.get("www-authenticate")]).toEqual([
      401,
      expect.stringContaining("invalid_request"),
    ]);
  });

  test("403 for what is not granted; the same whether it exists or not", async () => {
    const bodies = [];
    for (const name of ["everything__get-sum", "everything__none-such", "nowhere__x", "plain"]) {
      const answer = await post(gateway.origin, callMessage(name, {}, "my-id"), agent);
      expect(answer.status).toBe(403);
      expect(answer.headers.get("www-authenticate")).toContain('error="insufficient_scope"');
      bodies.push(await answer.text());
    }
    expect(new Set(bodies).size).toBe(1);
    expect(JSON.parse(bodies[0] ?? "")).toMatchObject({
      id: "my-id",
      error: { message: expect.stringContaining("Not granted") },
    });
  });

  test("a denied call in a batch of an older client is an error of its own", async () => {
    const batch = [
      callMessage("everything__get-sum", {}, 1),
      callMessage("everything__echo", { message: "m" }, 2),
    ];
    const answer = await (await post(gateway.origin, batch, agent)).text();
    expect(answer).toContain("Not granted");
    expect(answer).toContain("Echo: m");
  });

  test("403 for foreign Host and Origin, and CORS for the allowed one", async () => {
    const asking = (headers: Record<string, string>) =>
      new Promise<number>((resolve, reject) => {
        const request = http.request(`${gateway.origin}/health`, { headers }, (response) => {
          response.resume();
          resolve(response.statusCode ?? 0);
        });
        request.on("error", reject).end();
      });
    expect(await asking({ host: "evil.example.com" })).toBe(403);
    expect(await asking({ host: "127.0.0.1:1234" })).toBe(200);
    expect(
      (await post(gateway.origin, callMessage("x"), { ...agent, origin: "http://evil.example.com" })).status,
    ).toBe(403);
    const preflight = await fetch(`${gateway.origin}/mcp`, {
      method: "OPTIONS",
      headers: { origin: "https://console.example.com" },
    });
    expect(preflight.status).toBe(204);
    expect(preflight.headers.get("access-control-allow-origin")).toBe("https://console.example.com");
  });

  test.each([
    ["malformed JSON", "{", {}, 400, -32700],
    ["JSON that is no message", '"hi"', {}, 400, -32600],
    ["an empty body", "", {}, 400, -32700],
    ["an empty batch", "[]", {}, 400, -32600],
    ["a message without a method", { jsonrpc: "2.0", id: 1 }, {}, 400, -32600],
    ["another content type", callMessage("x"), { "content-type": "text/plain" }, 415, -32000],
    ["a body over the limit", callMessage("x", "y".repeat(11_000)), {}, 413, -32000],
    [
      "an unknown protocol version",
      { jsonrpc: "2.0", id: 1, method: "tools/list" },
      { "mcp-protocol-version": "1999-01-01" },
      400,
      -32000,
    ],
    [
      "a modern header without its envelope",
      callMessage("everything__echo"),
      { "mcp-protocol-version": "2026-07-28" },
      400,
      -32602,
    ],
    [
      "params that are no object",
      { jsonrpc: "2.0", id: 1, method: "tools/call", params: [1] },
      {},
      403,
      -32000,
    ],
  ])("%s", async (_what, body, headers: Record<string, string>, status, code) => {
    const answer = await post(gateway.origin, body, { ...agent, ...headers });
    expect({ status: answer.status, body: await answer.json() }).toMatchObject({
      status,
      body: { error: { code } },
    });
  });

  test("unknown paths are 404, other methods 405, unknown MCP methods an error", async () => {
    expect((await post(gateway.origin, {}, agent, "/other")).status).toBe(404);
    const got = await fetch(`${gateway.origin}/mcp`, { headers: agent });
    expect([got.status, got.headers.get("allow")]).toEqual([405, "POST"]);
    const unknown = await post(gateway.origin, { jsonrpc: "2.0", id: 1, method: "sampling/none" }, agent);
    expect(await unknown.text()).toContain("-32601");
  });
});

test("metrics count what happened, with labels that no caller makes up", async () => {
  await post(gateway.origin, callMessage("everything__made-up-by-the-caller"), agent);
  await post(gateway.origin, callMessage("raw__made-up-by-the-caller"), agent);
  await post(gateway.origin, callMessage("raw__fail"), agent);
  await post(gateway.origin, callMessage("raw__slow", { ms: 1500 }), agent);
  const metrics = await (await fetch(`${gateway.origin}/metrics`)).text();
  const calls = "mcp_gateway_tool_calls_total";
  expect(metrics).toContain(`${calls}{server="raw",tool="fail",consumer="agent",outcome="tool_error"} 1`);
  expect(metrics).toContain(`${calls}{server="raw",tool="slow",consumer="agent",outcome="timeout"} 1`);
  expect(metrics).toContain(
    `${calls}{server="raw",tool="other",consumer="agent",outcome="protocol_error"} 1`,
  );
  expect(metrics).toMatch(
    /tool_calls_total\{server="everything",tool="other",consumer="agent",outcome="denied"\} \d/,
  );
  expect(metrics).toContain('mcp_gateway_backend_up{server="memory"} 1');
  expect(metrics).toMatch(/mcp_gateway_auth_failures_total\{reason="unknown_token"\} \d/);
  expect(metrics).toMatch(
    /mcp_gateway_tool_call_duration_seconds_bucket\{le="0.01",server="everything",tool="echo"\} \d/,
  );
  expect(metrics).toMatch(
    /mcp_gateway_requests_total\{consumer="agent",method="tools\/call",status="403"\} \d/,
  );
  expect(metrics).not.toContain("made-up");
  expect(metrics).not.toMatch(/^mcp_smoke_test_/m);
});

test("a cancelled call is cancelled at its server", async () => {
  const gone = new AbortController();
  const call = post(gateway.origin, callMessage("raw__slow", { ms: 800 }), agent);
  await call;
  const body = JSON.stringify(callMessage("raw__slow", { ms: 900 }));
  const headers = {
    ...agent,
    "content-type": "application/json",
    accept: "application/json, text/event-stream",
  };
  const aborted = fetch(`${gateway.origin}/mcp`, {
    method: "POST",
    headers,
    body,
    signal: gone.signal,
  }).catch(() => {});
  setTimeout(() => gone.abort(), 100);
  await aborted;
  await until(() => jsonLines(gateway.stdout()).some((line) => line.outcome === "cancelled"));
  const seen = await rpc(post(gateway.origin, callMessage("raw__cancelled"), agent));
  expect(Number(seen.result?.content?.[0]?.text)).toBeGreaterThan(0);
});

test("the server sees the call as the caller meant it, without the caller's token or envelope", async () => {
  const client = await fixture.modern(gateway.origin, "agent-token");
  const params = { name: "raw__seen", arguments: { a: 1 }, _meta: { "example.com/trace": "t" } };
  const { content } = (await client.callTool(params)) as { content: { text: string }[] };
  expect(JSON.parse(content[0]?.text ?? "")).toMatchObject({
    name: "seen",
    arguments: { a: 1 },
    _meta: { "example.com/trace": "t", "io.modelcontextprotocol/clientInfo": { name: "mcp-infra" } },
  });
});

test("one audit line a call, and nothing secret in any line", async () => {
  const args = { message: "a-very-private-argument" };
  const answer = await post(gateway.origin, callMessage("everything__echo", args), agent);
  await post(gateway.origin, callMessage("raw__explode", args), agent);
  const requestId = answer.headers.get("x-request-id");
  const lines = jsonLines(gateway.stdout());
  expect(lines.filter((line) => line.requestId === requestId)).toEqual([
    expect.objectContaining({
      audit: true,
      consumer: "agent",
      method: "tools/call",
      server: "everything",
      tool: "echo",
      outcome: "ok",
      durationMs: expect.any(Number),
      time: expect.stringMatching(/^\d{4}-\d\d-\d\dT/),
    }),
  ]);
  expect(lines).toContainEqual(
    expect.objectContaining({ method: "resources/read", resource: "raw://a/", outcome: "ok" }),
  );
  const written = gateway.stdout() + gateway.stderr();
  for (const secret of ["-token", "very-private", "sk-upstream", "upstream-key", "Echo:"]) {
    expect(written).not.toContain(secret);
  }
});
