import { spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { serverSchema } from "../../components/model/index.ts";
import { artifactsOf } from "../../release/artifacts.ts";
import { exclusively } from "../../release/exclusive.ts";
import { readEarlier, readRecord, writeRecord } from "../../release/file.ts";
import { hashOf } from "../../release/record.ts";
import { promoted } from "../../release/succession.ts";
import { live, recorded } from "./fixture.ts";

const staging = { stack: "staging", gateway: "edge" };
const first = recorded();
const second = recorded(live({ artifacts: { notes: { image: `notes@sha256:${"2".repeat(64)}` } } }));

let project: string;
beforeEach(() => {
  project = mkdtempSync(path.join(tmpdir(), "mcp-infra-release-"));
});
afterEach(() => rmSync(project, { recursive: true, force: true }));

describe("what a stack has had", () => {
  test("is kept, and the record names the release before", () => {
    const before = promoted(first, staging);
    writeRecord(project, before);
    const now = promoted(second, staging, before);
    writeRecord(project, now);
    expect(now.previous).toBe(hashOf(before));
    expect(readRecord(project, "staging")).toEqual(now);
    expect(readEarlier(project, "staging", hashOf(before))).toEqual(before);
  });

  test("is one release when it is proved once more: a rollback goes past it", () => {
    const before = promoted(first, staging);
    const now = promoted(second, staging, before);
    const proved = recorded(live({ ...staging, artifacts: now.artifacts }), now);
    expect(proved.previous).toBe(hashOf(before));
    expect(proved.promotedFrom).toEqual(now.promotedFrom);
  });

  test("is refused when it is gone or was edited", () => {
    const before = promoted(first, staging);
    writeRecord(project, before);
    writeRecord(project, promoted(second, staging, before));
    const history = path.join(project, "releases/history/staging");
    writeFileSync(path.join(history, `${hashOf(before)}.json`), JSON.stringify({ ...before, gateway: "x" }));
    expect(() => readEarlier(project, "staging", hashOf(before))).toThrow("is not what was released");
    rmSync(history, { recursive: true });
    expect(() => readEarlier(project, "staging", hashOf(before))).toThrow("the release before, is gone");
  });
});

describe("who changes a release", () => {
  const lock = () => path.join(project, "releases/staging.json.lock");

  test("is alone: a second one is told who is at it", async () => {
    await exclusively(project, "staging", async () => {
      await expect(exclusively(project, "staging", async () => {})).rejects.toThrow(
        `process ${process.pid} is changing the release of staging just now`,
      );
      await exclusively(project, "production", async () => {});
    });
    expect(existsSync(lock())).toBe(false);
  });

  test("leaves no mark when it fails", async () => {
    const failing = exclusively(project, "staging", () => Promise.reject(new Error("refused")));
    await expect(failing).rejects.toThrow("refused");
    expect(readdirSync(path.join(project, "releases"))).toEqual([]);
  });

  test("goes on after one that was interrupted", async () => {
    const gone = spawn(process.execPath, ["-e", ""]);
    await once(gone, "exit");
    mkdirSync(path.dirname(lock()), { recursive: true });
    writeFileSync(lock(), String(gone.pid));
    await expect(exclusively(project, "staging", async () => "done")).resolves.toBe("done");
  });
});

test("an artifact that is nowhere any more, or could be another tomorrow, can't be recorded", async () => {
  const servers = [
    serverSchema.parse({ name: "gone", stdio: { package: "npm:gone@1.0.0" } }),
    serverSchema.parse({ name: "loose", stdio: { package: "npm:loose" } }),
    serverSchema.parse({ name: "moving", http: { image: "moving:latest", port: 80 } }),
    serverSchema.parse({ name: "lost", http: { image: `lost@sha256:${"0".repeat(64)}`, port: 80 } }),
    serverSchema.parse({ name: "far", remote: { url: "https://far.example/mcp" } }),
  ];
  const { artifacts, faults } = await artifactsOf(
    { servers },
    { integrity: async () => undefined, isGone: async () => true },
  );
  expect(artifacts).toEqual({ far: { remote: "https://far.example/mcp" } });
  expect(faults).toEqual([
    expect.stringMatching(/^server gone runs npm:gone@1\.0\.0, which neither/),
    expect.stringMatching(/^server loose .* another version tomorrow/),
    expect.stringMatching(/^server moving .* another image tomorrow/),
    expect.stringMatching(/^server lost .* its registry has no more/),
  ]);
});
