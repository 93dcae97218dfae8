import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type Calls, startCalling } from "../targets/local/callers.ts";
import { freePorts, Project } from "./project.ts";

/** A gateway on this machine that is changed while it is used; each test goes on where the last ended. */
describe("a gateway on this machine", () => {
  let project: Project;
  let calls: Calls;
  const pid = () => project.processes().edge?.pid;
  const enough = (more: number) => {
    const before = calls.answers.length;
    return expect.poll(() => calls.answers.length, { timeout: 20_000 }).toBeGreaterThan(before + more);
  };

  beforeAll(async () => {
    project = await Project.running("gateway-replaced-program.ts");
    const [port = 0] = await freePorts(1);
    await project.configure({ port: String(port) });
    await project.pulumi("config", "set", "--secret", "key", "a".repeat(44));
    const { exitCode, output } = await project.up();
    expect(exitCode, output).toBe(0);
    const { endpoint, tokens } = (await project.outputs()) as {
      endpoint: string;
      tokens: Record<string, string>;
    };
    const args = { message: "hello" };
    calls = startCalling(endpoint, "tools__echo", { token: tokens.agent, args });
  });
  afterAll(async () => {
    await calls?.stop();
    await project[Symbol.asyncDispose]();
  });

  test("is changed by `pulumi up`, and no call is lost", async () => {
    const before = pid();
    for (const timeout of ["12s", "14s"]) {
      await enough(100);
      const { exitCode, output } = await project.up("--config", `timeout=${timeout}`);
      expect(exitCode, output).toBe(0);
      expect(output).toMatch(/edge-process updated/);
    }
    await enough(100);
    expect(pid()).not.toBe(before);
    expect(calls.lost).toEqual([]);
  });

  test("is not replaced by one that can't start: `pulumi up` says why, and the calls go on", async () => {
    const before = pid();
    await project.pulumi("config", "set", "--secret", "key", "correct horse");
    const { exitCode, output } = await project.up();
    expect(exitCode).not.toBe(0);
    expect(output).toMatch(/the process "edge" ended with exit code \d+ .*; the one before it goes on/);
    expect(output).toMatch(/the key in \w+ has less than 32 characters/);
    expect(output).not.toContain("correct horse");
    await enough(100);
    expect(pid()).toBe(before);
    expect((await project.cli("status")).output).toMatch(/edge +.*running/);

    await project.pulumi("config", "set", "--secret", "key", "b".repeat(44));
    const repaired = await project.up();
    expect(repaired.exitCode, repaired.output).toBe(0);
    await enough(100);
    expect(pid()).not.toBe(before);
    expect(calls.lost).toEqual([]);
  });
});
