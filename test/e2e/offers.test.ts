import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { freePorts, Project } from "./project.ts";

/** Two teams with a stack each, through the real CLI; each test goes on where the last one ended. */
describe("a gateway with the servers of another stack", () => {
  let servers: Project;
  let platform: Project;
  // The CLI keeps what --config says, so each run says everything.
  const preview = (change: Record<string, string> = {}, ...args: string[]) => {
    const config = {
      stack: "organization/offering/test",
      tools: '["read_graph"]',
      tool: "read_graph",
      ...change,
    };
    const settings = Object.entries(config).flatMap(([key, value]) => ["--config", `${key}=${value}`]);
    return platform.preview(...settings, ...args);
  };
  const clean = (output: string) => expect(output).not.toMatch(/ {4}at |unhandled|promises/);

  beforeAll(async () => {
    servers = await Project.running("offering.ts");
    platform = await Project.running("gathering.ts", servers);
    const [port = 0] = await freePorts(1);
    await platform.configure({ port: String(port) });
  });
  afterAll(async () => {
    await platform[Symbol.asyncDispose]();
    await servers[Symbol.asyncDispose]();
  });

  test("is refused while there is no such stack", async () => {
    const { exitCode, output } = await preview({ stack: "organization/elsewhere/test" });
    expect(exitCode).not.toBe(0);
    expect(output).toContain("organization/elsewhere/test");
    clean(output);
  });

  test("is refused while the stack was never deployed", async () => {
    const { exitCode, output } = await preview();
    expect(exitCode).not.toBe(0);
    expect(output).toMatch(/what stack organization\/offering\/test offers can't be read/);
    expect(output).toContain("never deployed");
    expect(output).toContain("pulumi up --stack organization/offering/test");
    expect(output).not.toContain("index:Process");
    clean(output);
  });

  test("goes up, and the smoke test is green through it", async () => {
    const offered = await servers.up();
    expect(offered.exitCode, offered.output).toBe(0);
    const { exitCode, output } = await platform.up();
    expect(exitCode, output).toBe(0);
    expect(output).toMatch(/smoke test: PASSED/);
    expect(Object.keys(servers.processes())).toEqual(["notes"]);
    expect(Object.keys(platform.processes())).toEqual(["edge"]);
  });

  test("stays as it is when nothing has changed", async () => {
    const { exitCode, output } = await preview({}, "--expect-no-changes");
    expect(exitCode, output).toBe(0);
  });

  test("sees in its preview that a server was changed, and proves itself again", async () => {
    const changed = await servers.up("--config", "release=2");
    expect(changed.exitCode, changed.output).toBe(0);
    const shown = await preview();
    expect(shown.exitCode, shown.output).toBe(0);
    expect(shown.output).toMatch(/memory +update \[diff: ~.*revision\]/);
    expect(shown.output).toMatch(/smoke +update/);
    expect(shown.output).not.toMatch(/edge-process +update/);
    const { exitCode, output } = await platform.up();
    expect(exitCode, output).toBe(0);
    expect(output).toMatch(/smoke test: PASSED/);
  });

  test("is judged by the same rules: a tool that the server is not offered with", async () => {
    const used = await preview({ tool: "create_entities" });
    expect(used.exitCode).not.toBe(0);
    expect(used.output).toContain("[known-tools]");
    clean(used.output);
    const asked = await preview({ tools: '["read_graph", "create_entities"]' });
    expect(asked.exitCode).not.toBe(0);
    expect(asked.output).toMatch(/server memory: tools\[1\]: is "create_entities", which stack .* not offer/);
    clean(asked.output);
  });

  test("says who runs what it has", async () => {
    const { output } = await platform.cli("diagram");
    expect(output).toContain("stack organization/offering/test");
  });

  test("knows no secret of the other stack", async () => {
    const { output } = await servers.pulumi("stack", "output", "--json");
    expect(JSON.parse(output)).toMatchObject({
      offers: { version: 2, servers: { notes: { target: "local" } } },
    });
    expect(output).not.toContain("[secret]");
    const made = await servers.read(".mcp-infra", "test", "run", "notes", "secrets", "KEY_FILE");
    expect(made).toHaveLength(43);
    for (const project of [servers, platform])
      expect((await project.pulumi("stack", "export")).output).not.toContain(made);
    expect(output).not.toContain(made);
  });

  test("is told when the other stack is gone", async () => {
    const destroyed = await servers.pulumi("destroy", "--yes");
    expect(destroyed.exitCode, destroyed.output).toBe(0);
    const { exitCode, output } = await preview();
    expect(exitCode).not.toBe(0);
    expect(output).toContain("is destroyed");
    clean(output);
  });
});
