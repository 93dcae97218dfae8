import { chmodSync, existsSync, mkdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { describe, expect } from "vitest";
import { secret } from "../../../components/targets/local/provider/values.ts";
import { test } from "./fixture.ts";

describe("a token", () => {
  test("is 32 random bytes, secret, and new only when it is rotated", async ({ resource }) => {
    const [token, other] = [resource("Token", "token"), resource("Token", "other")];
    const { value } = await token.up({});
    expect(value).toMatch(/^[\w-]{43}$/);
    expect(token.state?.value).toEqual(secret(value));
    expect((await other.up({})).value).not.toBe(value);
    expect(await token.preview({})).toMatchObject({ changes: false });
    expect(await token.preview({ rotation: "2026-11" })).toMatchObject({
      changes: true,
      replaces: ["rotation"],
    });
    expect((await token.check({ rotation: 7 })).faults).toHaveLength(1);
  });
});

describe("a file", () => {
  test("is private, and put right after somebody edited, opened or removed it", async ({
    directory,
    resource,
  }) => {
    const path = join(directory, "monitoring", "rules.yml");
    const inputs = { path, content: "groups: []\n" };
    const file = resource("File", "rules");
    await file.up(inputs);
    expect(statSync(path).mode & 0o777).toBe(0o600);
    expect(await file.preview(inputs)).toMatchObject({ changes: false });

    const spoil: [() => void, string][] = [
      [() => writeFileSync(path, "edited"), "edited since; it is written again"],
      [() => chmodSync(path, 0o644), "its mode was changed; it is written again"],
      [() => rmSync(path), "gone; it is written again"],
    ];
    for (const [change, status] of spoil) {
      change();
      expect(await file.preview(inputs)).toEqual({ changes: true, status, replaces: [] });
      await file.up(inputs);
      expect(readFileSync(path, "utf8")).toBe(inputs.content);
      expect(await file.preview(inputs)).toMatchObject({ changes: false, status: "written" });
    }
    expect(await file.preview({ ...inputs, path: `${path}.2` })).toMatchObject({ replaces: ["path"] });
    await file.destroy();
    expect(existsSync(directory)).toBe(false);
  });

  test("keeps a secret content secret, in what is previewed and in the state", async ({
    directory,
    resource,
  }) => {
    const path = join(directory, "monitoring", "slack.secret");
    const file = resource("File", "slack");
    const inputs = { path, content: secret("canary-1") };
    expect((await file.check(inputs)).inputs.content).toEqual(secret("canary-1"));
    await file.up(inputs);
    expect(readFileSync(path, "utf8")).toBe("canary-1");
    expect(statSync(path).mode & 0o777).toBe(0o600);
    expect(file.state?.content).toEqual(secret("canary-1"));
    expect(await file.preview(inputs)).toMatchObject({ changes: false });

    const rotated = { path, content: secret("canary-2") };
    expect(await file.preview(rotated)).toEqual({ changes: true, status: "written", replaces: [] });
    await file.up(rotated);
    expect(readFileSync(path, "utf8")).toBe("canary-2");
    expect(file.state?.content).toEqual(secret("canary-2"));
    const { faults } = await file.check({ path, content: secret(7) });
    expect(faults.join()).not.toContain("7");
    await file.destroy();
    expect(existsSync(path)).toBe(false);
  });

  test("does not take the place of a directory", async ({ directory, resource }) => {
    mkdirSync(directory);
    const { faults } = await resource("File", "f").check({ path: directory, content: "" });
    expect(faults).toEqual([
      `path: ${directory} is there and is no file; move it away or choose another path`,
    ]);
    expect((await resource("File", "f").check({ path: "here", content: 1 })).faults).toHaveLength(2);
    expect(dirname(directory)).toBeDefined();
  });
});
