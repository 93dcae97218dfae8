import { writeFile } from "node:fs/promises";
import path from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { newer, older, PromotionStacks } from "./promotion-stacks.ts";

/** From one stack to the next with the real CLI, on real servers; each test goes on where the last one ended. */
describe("a release", { timeout: 300_000 }, () => {
  let stacks: PromotionStacks;
  beforeAll(async () => {
    stacks = await PromotionStacks.make();
    await stacks.up("test");
  });
  afterAll(() => stacks[Symbol.asyncDispose]());

  test("is what is live and green, by hashes, with a statement to sign", async () => {
    await stacks.release("test");
    expect(await stacks.record("test")).toMatchObject({
      stack: "test",
      artifacts: {
        files: {
          package: `npm:@modelcontextprotocol/server-filesystem@${older}`,
          integrity: expect.stringMatching(/^sha512-/),
        },
      },
      evidence: { stack: "test", policies: { mandatory: 0 } },
    });
    expect(JSON.parse(await stacks.project.read("releases", "test.intoto.json"))).toMatchObject({
      _type: "https://in-toto.io/Statement/v1",
      predicate: { result: "PASSED" },
    });
  });

  test("is promoted: the record changes, and nothing is made", async () => {
    const { exitCode, output } = await stacks.promote();
    expect(exitCode, output).toBe(0);
    expect(await stacks.record("staging")).toMatchObject({
      stack: "staging",
      promotedFrom: { stack: "test" },
    });
    expect(await stacks.filesOf("staging").catch(() => undefined)).toBeUndefined();
    expect((await stacks.promote()).output).toContain("staging has this release of test already");
  });

  test("is what runs there, whatever the program declares by then", async () => {
    await stacks.configure("staging", { files: newer });
    expect(await stacks.up("staging")).toMatch(/smoke test: PASSED/);
    expect(await stacks.filesOf("staging")).toContain(older);
  });

  test("takes the place of another, and gives it back: a rollback is proved by the smoke test", async () => {
    await stacks.configure("test", { files: newer });
    await stacks.up("test");
    await stacks.release("test");
    const { exitCode, output } = await stacks.promote();
    expect(exitCode, output).toBe(0);
    expect(output).toMatch(/files: .*2026\.7\.10 → .*2026\.8\.31/);
    await stacks.up("staging");
    expect(await stacks.filesOf("staging")).toContain(newer);

    const back = await stacks.project.cli("rollback", "--stack", "staging", "--up");
    expect(back.exitCode, back.output).toBe(0);
    expect(back.output).toMatch(/smoke test: PASSED/);
    expect(await stacks.filesOf("staging")).toContain(older);
  });

  test("is not returned to where there is none, in words", async () => {
    const rollback = (stack: string) => stacks.project.cli("rollback", "--stack", stack);
    expect((await rollback("staging")).output).toContain("staging has had no release before this one");
    expect((await rollback("test")).output).toContain("Nothing was promoted to test");
  });

  test("that is damaged stops the preview, in words", async () => {
    await writeFile(path.join(stacks.project.directory, "releases", "staging.json"), '{ "version": 1');
    const { exitCode, output } = await stacks.project.preview("--stack", "staging");
    expect(exitCode).not.toBe(0);
    expect(output).toContain("releases/staging.json is no JSON: restore it from version control");
    expect(output).not.toMatch(/ {4}at /);
  });
});
