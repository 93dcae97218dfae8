import { readFileSync } from "node:fs";
import path from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { consumerSchema } from "../../components/model/consumer.ts";
import { gatewaySchema } from "../../components/model/gateway.ts";
import { serverSchema } from "../../components/model/server.ts";
import { Directory } from "../cli/project.ts";
import { consumer, Fixture, rawServer, tools } from "../gateway/fixture.ts";

const urn = (type: string, name: string) => `urn:pulumi:staging::team::${type}::${name}`;
const gatewayUrn = urn("mcp-infra:index:Gateway", "edge");
const fixture = new Fixture();
const project = new Directory().asProject();
let endpoint: string;

/** A tool takes 150 ms, and its server gets two calls at once, although it could serve any number. */
beforeAll(async () => {
  const server = fixture.run(rawServer("http"));
  const { port } = await server.logged("listening");
  const { origin } = await fixture.gateway({
    servers: [
      {
        name: "raw",
        url: `http://127.0.0.1:${port}/mcp`,
        timeoutMs: 400,
        resilience: { concurrency: { calls: 2, queue: 64, waitMs: 5_000 } },
      },
    ],
    consumers: [consumer("agent", { tools: tools("raw") })],
  });
  endpoint = `${origin}/mcp`;
});
afterAll(async () => {
  project[Symbol.dispose]();
  await fixture.close();
});

/** The stack as its state has it, with this objective. */
function deployed(p95: string): void {
  const model = {
    scope: "gateway",
    name: "edge",
    target: "local",
    servers: [
      serverSchema.parse({
        name: "raw",
        stdio: { command: "raw" },
        timeout: "400ms",
        resilience: { concurrency: { calls: 2 } },
        perTool: { slow: { repeatable: true } },
      }),
    ],
    consumers: [
      consumerSchema.parse({
        name: "agent",
        uses: [
          { server: "raw", tool: "slow", arguments: { ms: 150 }, expect: { contains: "done" } },
          { server: "raw", tool: "exit", arguments: {} },
        ],
      }),
    ],
    secrets: [],
    gateway: gatewaySchema.parse({ name: "edge", objectives: { availability: 0.99, p95 } }),
  };
  project.withState([
    { urn: gatewayUrn, type: "mcp-infra:index:Gateway", inputs: { model } },
    {
      urn: urn("mcp-infra-local:index:Token", "edge-agent-token"),
      type: "mcp-infra-local:index:Token",
      parent: gatewayUrn,
      outputs: { value: "agent-token" },
    },
    {
      urn: urn("mcp-infra-local:index:Process", "edge-process"),
      type: "mcp-infra-local:index:Process",
      parent: gatewayUrn,
      inputs: { gateway: { config: {} } },
      outputs: { url: endpoint },
    },
  ]);
}

describe("npx mcp-infra profile", () => {
  test("an objective that holds: the figures, which settings to change, and plots", async () => {
    deployed("2s");
    const { exitCode, stdout } = await project.run(["profile", "--duration", "600ms"]);
    expect(stdout).toMatch(/✓ +raw__slow/);
    expect(stdout).toMatch(/agent +\d+ +about \d+ tokens/);
    expect(stdout).toContain("→ raw: resilience: { concurrency: { calls: ");
    expect(stdout).toMatch(/→ raw__slow: perTool: \{ "slow": \{ timeout: "\d+(ms|s)" \} \}\n.*p99/);
    expect(exitCode).toBe(0);
    for (const name of ["latency.svg", "throughput.svg"]) {
      const svg = readFileSync(path.join(project.path, ".mcp-infra/staging/profile", name), "utf8");
      expect(svg).toContain("raw__slow");
      expect(wellFormed(svg)).toBe(true);
    }
  });

  test("what may change something is not called", async () => {
    deployed("2s");
    const { stdout } = await project.run(["profile", "--duration", "100ms"]);
    expect(stdout).toContain("raw__exit was not called: it may change something");
  });

  test("an objective that is missed fails the run", async () => {
    deployed("100ms");
    const { exitCode, stdout } = await project.run(["profile", "--duration", "300ms", "--out", "plots"]);
    expect(stdout).toMatch(/✗ raw__slow: p95 is \d+ ms with 1 client/);
    expect(stdout).toContain("Plot: plots/latency.svg");
    expect(exitCode).toBe(1);
  });

  test.each([
    [["--clients", "none"], '--clients is "none"; give a whole number from 1 to 1000.'],
    [["--duration", "soon"], '--duration: "soon" is not a duration'],
  ])("a mistake is said: %j", async (args, said) => {
    deployed("2s");
    const { exitCode, stderr } = await project.run(["profile", ...args]);
    expect(stderr).toContain(said);
    expect(exitCode).toBe(1);
  });
});

/** Every tag is closed in its turn, and nothing stands open at the end. */
function wellFormed(xml: string): boolean {
  const open: string[] = [];
  for (const [, end, name, empty] of xml.matchAll(/<(\/?)([\w:]+)(?:\s+[\w:-]+="[^"<]*")*\s*(\/?)>/g)) {
    if (end) {
      if (open.pop() !== name) return false;
    } else if (!empty) open.push(name ?? "");
  }
  const rest = xml
    .replace(/<\/?[\w:]+(?:\s+[\w:-]+="[^"<]*")*\s*\/?>/g, "")
    .replace(/<!\[CDATA\[[\s\S]*?\]\]>/g, "");
  return open.length === 0 && !rest.includes("<");
}
