import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { renderSmokeReport, runSmokeTest } from "../../smoke/index.ts";
import { consumer, Fixture, npmServer, type Program, tools } from "../gateway/fixture.ts";
import { modelOf } from "./fixture.ts";

const fixture = new Fixture();
afterAll(() => fixture.close());

const model = modelOf({
  servers: [
    { name: "memory", tools: ["create_entities", "search_nodes", "read_graph"] },
    { name: "everything" },
  ],
  consumers: [
    {
      name: "researcher",
      uses: [
        {
          server: "memory",
          tool: "search_nodes",
          arguments: { query: "x" },
          expect: { contains: "entities" },
        },
        { server: "memory", tool: "read_graph" },
        { server: "everything", tool: "get-sum", arguments: { a: 2, b: 3 }, expect: { contains: "5" } },
        { server: "everything", prompt: "simple-prompt", arguments: {} },
        { server: "everything", resource: "demo://resource/static/document/" },
      ],
    },
    { name: "tester", uses: [{ server: "everything", tool: "*" }] },
  ],
  gateway: { objectives: { availability: 0.99, p95: "5s" } },
});

const tokens = { researcher: "researcher-token", tester: "tester-token" };

describe("the gateway program in front of real servers", () => {
  let memory: Program;
  let endpoint: string;
  const smoke = () => runSmokeTest({ model, endpoint, tokens, deadlineMs: 25_000 });

  beforeAll(async () => {
    const behindBridge = (name: "memory" | "everything") => {
      const bridge = fixture.bridge(name, npmServer(name), [], {
        MEMORY_FILE_PATH: `${fixture.directory}/memory.jsonl`,
      });
      return {
        ...bridge,
        server: { name, url: "http://bridge/mcp", socket: bridge.socket, timeoutMs: 5000 },
      };
    };
    const notes = behindBridge("memory");
    const everything = behindBridge("everything");
    await Promise.all([notes.logged("listening"), everything.logged("listening")]);
    memory = notes;
    const gateway = await fixture.gateway({
      servers: [
        { ...notes.server, tools: ["create_entities", "search_nodes", "read_graph"] },
        everything.server,
      ],
      consumers: [
        consumer("researcher", {
          tools: [...tools("memory", "search_nodes", "read_graph"), ...tools("everything", "get-sum")],
          prompts: [{ server: "everything", name: "simple-prompt" }],
          resources: [{ server: "everything", uri: "demo://resource/static/document/" }],
        }),
        consumer("tester", { tools: tools("everything") }),
      ],
    });
    endpoint = `${gateway.origin}/mcp`;
  }, 30_000);

  it("passes every check, in both eras", async () => {
    const report = await smoke();
    expect(report.checks.filter((check) => !check.passed)).toEqual([]);
    expect(report.passed).toBe(true);
    expect(renderSmokeReport(report)).toContain(`smoke test: PASSED ${report.checks.length} of`);
  }, 30_000);

  it("fails for whom a server that died was there, and for nobody else", async () => {
    memory.signal("SIGKILL");
    await memory.exit;
    const report = await smoke();
    const failed = report.checks
      .filter((check) => !check.passed)
      .map(({ subject, check }) => `${subject}: ${check}`);
    expect(failed).toEqual(
      expect.arrayContaining([
        "consumer researcher: sees exactly its tools (2026-07-28)",
        "consumer researcher: calls memory__search_nodes (2026-07-28)",
        "consumer researcher: calls memory__search_nodes (2025-11-25)",
        "server memory: its tools reach who uses it",
      ]),
    );
    expect(failed.filter((each) => /tester|everything/.test(each))).toEqual([]);
  }, 30_000);
});
