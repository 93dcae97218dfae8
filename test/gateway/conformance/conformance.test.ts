import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { consumer, Fixture } from "../fixture.ts";
import { BareNames } from "./bare-names.ts";
import { exceptions, PLACES, type Place } from "./exceptions.ts";
import { runSuite, type SuiteRun } from "./suite.ts";

/** Every server scenario there is, each as often as it takes to be run in every era that it is for. */
const RUNS: readonly (SuiteRun & { name: string; scenarios: number })[] = [
  { name: "0.1.16", release: "@modelcontextprotocol/conformance", args: [], scenarios: 32 },
  { name: "0.2", release: "conformance-next", args: [], scenarios: 65 },
  {
    name: "0.2 for 2026-07-28",
    release: "conformance-next",
    args: ["--spec-version", "2026-07-28"],
    scenarios: 40,
  },
];

const fixture = new Fixture();
const proxies: BareNames[] = [];
const origins = new Map<Place, string>();

async function reference(era: string): Promise<string> {
  const command = [process.execPath, join(import.meta.dirname, "reference-server.ts"), era];
  const { port } = await fixture.run(command).logged("listening");
  return `http://127.0.0.1:${port}`;
}

async function gatewayTo(origin: string): Promise<string> {
  const everything = [{ server: "reference", name: "*" }];
  const resources = [{ server: "reference", uri: "test://" }];
  const gateway = await fixture.gateway({
    auth: "none",
    allowedOrigins: ["127.0.0.1"],
    servers: [{ name: "reference", url: `${origin}/mcp`, timeoutMs: 10_000 }],
    consumers: [consumer("suite", { tools: everything, prompts: everything, resources })],
  });
  const proxy = new BareNames(gateway.origin, "reference");
  proxies.push(proxy);
  return proxy.listen();
}

beforeAll(async () => {
  const server = await reference("both");
  origins.set("the reference server", server);
  origins.set("the gateway", await gatewayTo(server));
  origins.set("the gateway to an older server", await gatewayTo(await reference("legacy")));
});
afterAll(async () => {
  for (const proxy of proxies) proxy.close();
  await fixture.close();
});

describe.each(RUNS)("the official conformance suite $name", (run) => {
  test.each(PLACES)("at %s", async (place) => {
    const verdicts = await runSuite(fixture, `${origins.get(place)}/mcp`, run);
    expect(verdicts.size).toBe(run.scenarios);
    const known = exceptions(run.name, place).filter((name) => verdicts.has(name.split(":", 1)[0] ?? ""));
    const found = [...verdicts].flatMap(([scenario, faults]) => {
      const checks = Object.entries(faults).map(([check, fault]) => [`${scenario}:${check}`, fault]);
      return known.includes(scenario) && checks.length > 0 ? [[scenario, "as expected"]] : checks;
    });
    // What passes has no business among the exceptions either.
    const names = found.map(([name]) => name);
    expect(names.sort(), JSON.stringify(found, undefined, 1)).toEqual([...known].sort());
  });
});
