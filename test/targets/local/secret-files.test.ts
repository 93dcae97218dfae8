import { existsSync, readdirSync, readFileSync, rmSync, statSync } from "node:fs";
import { join } from "node:path";
import { unknownValue } from "@pulumi/pulumi/runtime/rpc.js";
import { describe, expect } from "vitest";
import type { SecretRef } from "../../../components/secrets.ts";
import { secret } from "../../../components/targets/local/provider/values.ts";
import { secretInputs } from "../../../components/targets/local/secret-inputs.ts";
import { test } from "./fixture.ts";

const first = "correct horse battery";
const second = "staple of another";

describe("a secret that a process reads as a file", () => {
  test("is there before the start, for its owner alone, and its variable holds the path", async ({
    directory,
    resource,
    stdioServer,
  }) => {
    const server = resource("Process", "notes");
    const { pid } = await server.up(stdioServer({ secretFiles: { KEY_FILE: secret(first) } }));
    const path = join(directory, "run", "notes", "secrets", "KEY_FILE");
    expect(readFileSync(path, "utf8")).toBe(first);
    expect(statSync(path).mode & 0o777).toBe(0o600);
    expect(statSync(join(path, "..")).mode & 0o777).toBe(0o700);
    const environment = readFileSync(`/proc/${pid}/environ`, "utf8").split("\0");
    expect(environment).toContain(`KEY_FILE=${path}`);
    expect(environment.join()).not.toContain(first);
    expect(server.state?.secretFiles).toEqual({ KEY_FILE: secret(first) });
    expect(readFileSync(join(directory, "processes", "notes.json"), "utf8")).not.toContain(first);
    await server.destroy();
    expect(existsSync(directory)).toBe(false);
  });

  test("restarts its process when it is rotated, and is gone when it is taken out", async ({
    directory,
    resource,
    stdioServer,
  }) => {
    const secrets = join(directory, "run", "notes", "secrets");
    const server = resource("Process", "notes");
    const before = await server.up(
      stdioServer({ secretFiles: { A_FILE: secret(first), B_FILE: secret(first) } }),
    );
    const rotated = stdioServer({ secretFiles: { A_FILE: secret(second) } });
    expect(await server.preview(rotated)).toMatchObject({ changes: true, replaces: [] });
    const after = await server.up(rotated);
    expect(after.pid).not.toBe(before.pid);
    expect(readdirSync(secrets)).toEqual(["A_FILE"]);
    expect(readFileSync(join(secrets, "A_FILE"), "utf8")).toBe(second);
    expect(await server.preview(rotated)).toMatchObject({ changes: false });
    await server.up(stdioServer());
    expect(existsSync(secrets)).toBe(false);
    expect(server.state).not.toHaveProperty("secretFiles");
    await server.destroy();
  });

  test("that was removed shows in the preview, and the next up puts it back", async ({
    directory,
    resource,
    stdioServer,
  }) => {
    const inputs = stdioServer({ secretFiles: { KEY_FILE: secret(first) } });
    const server = resource("Process", "notes");
    await server.up(inputs);
    const path = join(directory, "run", "notes", "secrets", "KEY_FILE");
    rmSync(path);
    expect(await server.preview(inputs)).toMatchObject({
      changes: true,
      status: `its secret ${path} is gone; it is started again`,
    });
    await server.up(inputs);
    expect(readFileSync(path, "utf8")).toBe(first);
    await server.destroy();
  });

  test("stands in no error of a start that failed", async ({ directory, resource, stdioServer }) => {
    const leak = "console.error(require('fs').readFileSync(process.env.KEY_FILE, 'utf8')); process.exit(3)";
    const inputs = stdioServer({
      stdio: { command: "node", args: ["-e", leak], timeoutMs: 1_000 },
      secretFiles: { KEY_FILE: secret(first) },
    });
    const error = await resource("Process", "notes")
      .up(inputs)
      .then(String, (reason: unknown) => String(reason));
    expect(error).toContain("[secret]");
    expect(error).not.toContain(first);
    expect(existsSync(join(directory, "run", "notes"))).toBe(false);
  });

  test("is checked in the preview: its name, and that nothing else has it", async ({
    resource,
    stdioServer,
  }) => {
    const { faults } = await resource("Process", "notes").check(
      stdioServer({
        env: { A: "plain" },
        secretEnv: { B: secret(first) },
        secretFiles: { A: secret(first), B: secret(first), "../C": secret(first), D: unknownValue },
      }),
    );
    expect(faults.map((fault) => fault.slice(0, fault.indexOf(": "))).toSorted()).toEqual([
      "secretFiles.../C",
      "secretFiles.A",
      "secretFiles.B",
    ]);
    expect(faults.join()).not.toContain(first);
  });
});

test("a reference says whether a process has its secret as a variable or as a file", () => {
  const ref = (change: Partial<SecretRef> = {}) =>
    ({ value: "of a store", ...change }) as unknown as SecretRef;
  expect(secretInputs({ KEY: ref(), KEY_FILE: ref({ file: true }) })).toEqual({
    secretEnv: { KEY: "of a store" },
    secretFiles: { KEY_FILE: "of a store" },
  });
  expect(secretInputs({})).toEqual({});
});
