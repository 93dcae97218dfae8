import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync } from "node:fs";
import { resolve } from "node:path";
import { afterEach, describe, expect } from "vitest";
import { isAlive } from "../../../components/targets/local/provider/identity.ts";
import { type ProcessRecord, readRecords } from "../../../components/targets/local/provider/records.ts";
import type { Properties } from "../../../components/targets/local/provider/values.ts";
import { test, until } from "./fixture.ts";

const provider = resolve("components/targets/local/provider/provider.ts");
const plugins: ChildProcess[] = [];
afterEach(() => {
  for (const plugin of plugins.splice(0)) plugin.kill("SIGKILL");
});

/** Lets a plugin of its own create or update a process that never answers, and kills that plugin meanwhile. */
async function interruptStart(inputs: Properties, state?: Properties): Promise<ProcessRecord> {
  const urn = `urn:pulumi:test::story::mcp-infra-local:index:Process::${inputs.name}`;
  const call = state === undefined ? "create(urn, inputs)" : 'update("id", urn, state, inputs)';
  const script = `import { localProvider } from ${JSON.stringify(provider)};
    const [urn, inputs, state] = JSON.parse(process.argv[1]);
    await localProvider.${call};`;
  const values = JSON.stringify([urn, inputs, state]);
  const plugin = spawn(process.execPath, ["--input-type=module", "-e", script, values], { stdio: "inherit" });
  plugins.push(plugin);
  const known = (state as { pid?: number } | undefined)?.pid;
  const started = () =>
    readRecords(String(inputs.directory)).find((record) => record.name === inputs.name && record.alive);
  await until(() => {
    const record = started();
    return record?.damaged === false && record.pid !== known;
  }, 20_000);
  const record = started();
  plugin.kill("SIGKILL");
  await once(plugin, "exit");
  if (record === undefined || record.damaged) throw new Error("no process was started");
  return record;
}

describe("a start that was interrupted", () => {
  test("is shown as such, and its process ended by the next change in the same directory", async ({
    directory,
    resource,
    stdioServer,
  }) => {
    const mute = { command: "sleep", args: ["60"], timeoutMs: 5_000 };
    const other = resource("Process", "other");
    await other.up(stdioServer({ name: "other" }));

    const created = await interruptStart(stdioServer({ name: "gone", stdio: mute }));
    expect(isAlive(created)).toBe(true);
    expect(readRecords(directory)).toMatchObject([
      { name: "gone", alive: false, reason: "interrupted while it was started" },
      { name: "other", alive: true },
    ]);
    await other.up(stdioServer({ name: "other", revision: "2" }));
    expect(isAlive(created)).toBe(false);
    expect(readRecords(directory)).toMatchObject([{ name: "other", alive: true }]);
    expect(existsSync(created.socket ?? "")).toBe(false);

    const last = await interruptStart(stdioServer({ name: "gone", stdio: mute }));
    await other.destroy();
    expect(isAlive(last)).toBe(false);
    expect(readRecords(directory)).toEqual([]);
  });

  test("of a process that the state knows is repeated by the next up", async ({ resource, stdioServer }) => {
    const mute = { command: "sleep", args: ["60"], timeoutMs: 5_000 };
    const inputs = stdioServer();
    const server = resource("Process", "notes");
    await server.up(inputs);
    const between = await interruptStart({ ...inputs, stdio: mute }, server.state);
    expect(await server.preview(inputs)).toMatchObject({
      changes: true,
      status: "interrupted while it was started; it is started again",
    });
    const after = await server.up(inputs);
    expect(isAlive(between)).toBe(false);
    expect(isAlive(after as unknown as ProcessRecord)).toBe(true);
    await server.destroy();
  });
});
