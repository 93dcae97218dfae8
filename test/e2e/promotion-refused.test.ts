import { rm, writeFile } from "node:fs/promises";
import path from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { newer, older, PromotionStacks } from "./promotion-stacks.ts";

/** What the real CLI refuses to release or promote, and why; each test goes on where the last one ended. */
describe("a release", { timeout: 300_000 }, () => {
  let stacks: PromotionStacks;
  beforeAll(async () => {
    stacks = await PromotionStacks.make();
    for (const stack of ["test", "staging"]) await stacks.up(stack);
  });
  afterAll(() => stacks[Symbol.asyncDispose]());

  test("that nobody has recorded is none to promote", async () => {
    const { exitCode, output } = await stacks.promote();
    expect(exitCode).toBe(1);
    expect(output).toContain("npx mcp-infra release --stack test writes it");
  });

  test("is not recorded from a working tree that is no commit, nor when something else is declared", async () => {
    await stacks.configure("test", { patient: "true" });
    const { exitCode, output } = await stacks.project.cli("release", "--stack", "test");
    expect(exitCode).toBe(1);
    expect(output).toContain("the working tree is not the commit");
    expect(output).toContain("what is live is not what is declared: gateway edge is changed");
    expect(output).toContain("server-timeout");
    await stacks.configure("test", { patient: undefined });
  });

  test("is promoted on only from where it was proved", async () => {
    await stacks.release("test");
    const promoted = await stacks.promote();
    expect(promoted.exitCode, promoted.output).toBe(0);
    const { exitCode, output } = await stacks.promote("staging", "test");
    expect(exitCode).toBe(1);
    expect(output).toContain("promoted to staging and not proved there: its evidence is of test");
    // Back to where nothing was promoted.
    await rm(path.join(stacks.project.directory, "releases", "staging.json"));
  });

  test("is not promoted when its stack has drifted from it", async () => {
    await stacks.configure("test", { files: newer, lean: "true" });
    await stacks.up("test");
    const { exitCode, output } = await stacks.promote();
    expect(exitCode).toBe(1);
    expect(output).toMatch(/server files of test runs .*2026\.8\.31, and its release says .*2026\.7\.10/);
    expect(output).toContain("what the servers of test offer is not what was released");
  });

  test("is not promoted when it breaks a consumer or a policy there, or the program ignores it; all is said at once", async () => {
    await stacks.release("test");
    await stacks.configure("staging", { patient: "true", unreleased: "true", files: older });
    const { exitCode, output } = await stacks.promote();
    expect(exitCode).toBe(1);
    expect(output).toContain("tools__echo is removed, which breaks agent in staging");
    expect(output).toContain("server-timeout");
    expect(output).toMatch(/server files of staging has .* in spite of its release/);
    await expect(stacks.record("staging")).rejects.toThrow("ENOENT");
  });

  test("is not promoted when its stack is red", async () => {
    process.kill(stacks.project.processes().files?.pid ?? 0, "SIGKILL");
    const { exitCode, output } = await stacks.promote();
    expect(exitCode).toBe(1);
    expect(output).toContain("the smoke test of test is red");
  });

  test("is not promoted while somebody else is at it", async () => {
    const lock = path.join(stacks.project.directory, "releases", "staging.json.lock");
    await writeFile(lock, String(process.pid));
    const { exitCode, output } = await stacks.promote();
    expect(exitCode).toBe(1);
    expect(output).toContain(`process ${process.pid} is changing the release of staging just now`);
  });
});
