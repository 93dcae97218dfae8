import { afterAll, beforeAll, expect, test } from "vitest";
import { grantsFor } from "../../gateway/access.ts";
import { gatewayConfigSchema } from "../../gateway/config.ts";
import { limitsOf } from "../../gateway/limits/limits.ts";
import { changingServer } from "./changing-server.ts";
import {
  type Config,
  callMessage,
  consumer,
  Fixture,
  gatewayConfig,
  jsonLines,
  type Program,
  post,
  tools,
  until,
} from "./fixture.ts";

const fixture = new Fixture();
const definition = (name: string) => ({ name, inputSchema: { type: "object" } });
let server: Awaited<ReturnType<typeof changingServer>>;
let config: Partial<Config>;
let gateway: Program & { origin: string };

beforeAll(async () => {
  server = await changingServer(["search", "export"].map(definition));
  const minute = { perMs: 60_000 };
  config = {
    servers: [
      {
        name: "docs",
        url: server.url,
        timeoutMs: 2000,
        perTool: { export: { limit: { calls: 2, ...minute } } },
      },
    ],
    consumers: [
      consumer("eager", { tools: tools("docs"), limit: { calls: 3, ...minute } }),
      consumer("quick", { tools: tools("docs", "search"), limit: { calls: 1, perMs: 300 } }),
      consumer("free", { tools: tools("docs") }),
    ],
  };
  gateway = await fixture.gateway(config);
  await until(async () => (await fetch(`${gateway.origin}/health`)).ok);
});
afterAll(async () => {
  await fixture.close();
  await server.close();
});

const as = (name: string) => ({ authorization: `Bearer ${name}-token` });
const call = (tool: string, name: string, id: string | number = 1) =>
  post(gateway.origin, callMessage(`docs__${tool}`, {}, id), as(name));

test("a consumer beyond its limit hears when to come back, its server hears nothing, and the others go on", async () => {
  for (let made = 0; made < 3; made++) expect((await call("search", "eager")).status).toBe(200);
  const before = server.calls.length;
  const refused = await call("search", "eager", "my-id");
  expect(refused.status).toBe(429);
  expect(Number(refused.headers.get("retry-after"))).toBeGreaterThan(50);
  expect(await refused.json()).toMatchObject({
    id: "my-id",
    error: { code: -32000, message: expect.stringContaining("Too many"), data: { outcome: "limited" } },
  });
  expect(server.calls.length).toBe(before);
  expect((await call("search", "free")).status).toBe(200);
  // Only calls are limited.
  const client = await fixture.modern(gateway.origin, "eager-token");
  expect((await client.listTools()).tools).toHaveLength(2);
  await expect(client.callTool({ name: "docs__search", arguments: {} })).rejects.toThrow(/429|Too many/);
});

test("a tool beyond its limit is refused to all, and costs nobody a call of their own", async () => {
  for (let made = 0; made < 2; made++) expect((await call("export", "free")).status).toBe(200);
  expect((await call("export", "free")).status).toBe(429);
  expect((await call("search", "free")).status).toBe(200);
});

test("in a batch the calls beyond the limit are errors of their own", async () => {
  const batch = [1, 2].map((id) => callMessage("docs__search", {}, id));
  await until(async () => (await call("search", "quick")).status === 429);
  await until(async () => {
    const answer = await (await post(gateway.origin, batch, as("quick"))).text();
    return answer.includes("called search") && answer.includes("retryAfterMs");
  });
});

test("limited calls are in audit and metrics", async () => {
  const lines = jsonLines(gateway.stdout());
  expect(lines).toContainEqual(
    expect.objectContaining({ audit: true, consumer: "eager", tool: "search", outcome: "limited" }),
  );
  const metrics = await (await fetch(`${gateway.origin}/metrics`)).text();
  expect(metrics).toContain('mcp_gateway_limited_total{consumer="free",server="docs",tool="export"} 1');
});

test("who is several consumers uses up the calls of the one that has the tool, and gets back what was not made", async () => {
  const parsed = gatewayConfigSchema.parse(gatewayConfig(config));
  const limits = limitsOf(parsed);
  const grants = grantsFor(parsed);
  const both = grants(["quick", "eager"]);
  const eager = grants(["eager"]);
  if (!both || !eager || !limits) throw new Error("no grants");
  for (let made = 0; made < 2; made++) expect(await limits.take(both, "docs", "export")).toBeUndefined();
  for (let tried = 0; tried < 5; tried++)
    expect(await limits.take(both, "docs", "export")).toBeGreaterThan(0);
  expect(await limits.take(eager, "docs", "search")).toBeUndefined();
  expect(await limits.take(eager, "docs", "search")).toBeGreaterThan(0);
});

test("without limits there is nothing to ask", () => {
  expect(limitsOf(gatewayConfigSchema.parse(gatewayConfig({})))).toBeUndefined();
});
