import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { connect, type Session } from "../../smoke/session.ts";
import { freePorts, Project } from "./project.ts";

/** The loss of a server that has a standby, from the declaration to the repair; each test goes on where the last ended. */
describe("a failover group on this machine", () => {
  let project: Project;
  let session: Session;
  const over = new AbortController();
  const health = async () => {
    const { endpoint } = await project.outputs();
    return (await fetch(new URL("/health", String(endpoint)))).json();
  };
  const say = (message: string) =>
    session.request("tools/call", { name: "tools__echo", arguments: { message } }, 10_000);

  beforeAll(async () => {
    project = await Project.running("failover-program.ts");
    const [port = 0] = await freePorts(1);
    await project.configure({ port: String(port) });
  });
  afterAll(async () => {
    over.abort();
    await project[Symbol.asyncDispose]();
  });

  test("goes up with a process for the standby, which the smoke test finds up and callers don't see", async () => {
    const { exitCode, output } = await project.up();
    expect(exitCode, output).toBe(0);
    expect(output).toMatch(/smoke test: PASSED/);
    expect(Object.keys(project.processes()).sort()).toEqual(["edge", "tools", "tools-standby"]);
    expect((await project.cli("smoke")).output).toMatch(/server tools-standby │ is up behind the gateway/);
    expect((await project.cli("diagram")).output).toMatch(/-\.->\|"stands in"\|/);

    const { endpoint, tokens } = (await project.outputs()) as {
      endpoint: string;
      tokens: Record<string, string>;
    };
    const to = { endpoint: new URL(endpoint), token: tokens.agent, limit: 10_000, signal: over.signal };
    session = await connect({ ...to, era: "2026-07-28" });
    const { tools } = await session.request("tools/list", {}, 10_000);
    expect(tools).toMatchObject([{ name: "tools__echo" }]);
  });

  test("calls go on when the primary is killed, and what is gone is said", async () => {
    process.kill(project.processes().tools?.pid ?? 0, "SIGKILL");
    for (let call = 0; call < 20; call++)
      expect(await say(`call ${call}`)).toMatchObject({ content: [{ text: `Echo: call ${call}` }] });
    await expect.poll(health, { timeout: 20_000 }).toMatchObject({
      status: "degraded",
      servers: { tools: { status: "down" }, "tools-standby": { status: "up" } },
    });
    const status = await project.cli("status");
    expect(status.exitCode).toBe(1);
    expect(status.output).toMatch(/tools +.*dead/);
    expect(status.output).toMatch(/tools-standby +.*running/);
  });

  test("the preview shows it, and the next up brings it back without a call lost", async () => {
    const shown = await project.preview();
    expect(shown.output).toMatch(/tools-process update \[diff: ~status\]/);
    expect(shown.output).not.toMatch(/tools-standby-process update/);

    let calling = true;
    const calls = (async () => {
      let made = 0;
      for (; calling; made++) expect((await say("still there")).isError).not.toBe(true);
      return made;
    })();
    const { exitCode, output } = await project.up();
    calling = false;
    expect(exitCode, output).toBe(0);
    expect(await calls).toBeGreaterThan(10);
    await expect.poll(health, { timeout: 20_000 }).toMatchObject({
      status: "ok",
      groups: { tools: { serving: "tools" } },
    });
  });
});
