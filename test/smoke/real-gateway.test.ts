import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { runSmokeTest, type SmokeReport } from "../../smoke/index.ts";
import { consumer, Fixture, npmServer, tools } from "../gateway/fixture.ts";
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
  let endpoint: string;
  let report: SmokeReport;

  beforeAll(async () => {
    const memory = fixture.bridge("memory", npmServer("memory"), [], {
      MEMORY_FILE_PATH: `${fixture.directory}/memory.jsonl`,
    });
    const everything = fixture.bridge("everything", npmServer("everything"));
    const at = (name: string, socket: string) => ({
      name,
      url: "http://bridge/mcp",
      socket,
      timeoutMs: 5000,
    });
    const gateway = await fixture.gateway({
      servers: [
        { ...at("memory", memory.socket), tools: ["create_entities", "search_nodes", "read_graph"] },
        at("everything", everything.socket),
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
    report = await runSmokeTest({ model, endpoint, tokens, deadlineMs: 25_000 });
  }, 30_000);

  it("passes every check, in both eras", () => {
    expect(report.checks.filter((check) => !check.passed)).toEqual([]);
    expect(report.passed).toBe(true);
  });
});
