import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { consumer, Fixture } from "../fixture.ts";
import { BareNames } from "./bare-names.ts";
import { runSuite, type SuiteRun } from "./suite.ts";

/** Every server scenario there is, and those that are for both eras in both. */
const RUNS: Record<string, SuiteRun> = {
  "0.1.16": { release: "@modelcontextprotocol/conformance", args: [] },
  "0.2 alpha": { release: "conformance-next", args: [] },
  "0.2 alpha, 2026-07-28": { release: "conformance-next", args: ["--spec-version", "2026-07-28"] },
};

const fixture = new Fixture();
let direct: string;
let proxy: BareNames;
let throughGateway: string;

beforeAll(async () => {
  const program = [process.execPath, join(import.meta.dirname, "reference-server.ts")];
  const { port } = await fixture.run(program).logged("listening");
  direct = `http://127.0.0.1:${port}`;
  const all = [{ server: "reference", name: "*" }];
  const gateway = await fixture.gateway({
    auth: "none",
    allowedHosts: ["127.0.0.1", "localhost"],
    allowedOrigins: ["127.0.0.1", "localhost"],
    servers: [{ name: "reference", url: `${direct}/mcp`, timeoutMs: 10_000 }],
    consumers: [
      consumer("suite", { tools: all, prompts: all, resources: [{ server: "reference", uri: "test://" }] }),
    ],
  });
  proxy = new BareNames(gateway.origin, "reference");
  throughGateway = await proxy.listen();
});
afterAll(async () => {
  proxy?.close();
  await fixture.close();
});

describe.each(Object.entries(RUNS))("the official conformance suite %s", (_name, run) => {
  const verdicts = async (origin: string) =>
    Object.fromEntries(await runSuite(fixture, `${origin}/mcp`, run));

  test("passes at the reference server", async () => {
    const found = await verdicts(direct);
    console.log(JSON.stringify(found, null, 1));
    expect(found).toEqual({});
  });

  test("passes at the gateway in front of it", async () => {
    const found = await verdicts(throughGateway);
    console.log(JSON.stringify(found, null, 1));
    expect(found).toEqual({});
  });
});
