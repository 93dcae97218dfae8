import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { createServer } from "node:net";
import { dirname, join, resolve } from "node:path";
import { afterAll, afterEach, describe, expect, vi } from "vitest";
import { isAlive, markOf } from "../../../components/targets/local/provider/identity.ts";
import { listenersOn } from "../../../components/targets/local/provider/ports.ts";
import { type ProcessRecord, readRecords } from "../../../components/targets/local/provider/records.ts";
import { controlPath, socketPath } from "../../../components/targets/local/provider/runtime-directory.ts";
import { type Properties, secret } from "../../../components/targets/local/provider/values.ts";
import { Fixture, rawServer } from "../../gateway/fixture.ts";
import { type Calls, startCalling } from "./callers.ts";
import { type DrivenResource, freePort, test, until } from "./fixture.ts";

vi.setConfig({ testTimeout: 60_000 });

const fixture = new Fixture();
const started: { calls: Calls[]; plugins: ChildProcess[] } = { calls: [], plugins: [] };
afterEach(async () => {
  await Promise.all(started.calls.splice(0).map((calls) => calls.stop()));
  for (const plugin of started.plugins.splice(0)) plugin.kill("SIGKILL");
});
afterAll(() => fixture.close());

/** Inputs of a gateway in front of a server that answers with its pid. */
async function gatewayInputs(directory: string): Promise<Inputs> {
  const raw = fixture.run(rawServer("http"));
  const { port: server } = await raw.logged("listening");
  const config = {
    name: "edge",
    listen: { host: "127.0.0.1", port: await freePort() },
    auth: "none",
    allowedOrigins: [],
    servers: [{ name: "raw", url: `http://127.0.0.1:${server}/mcp`, timeoutMs: 20_000 }],
    consumers: [{ name: "me", tools: [{ server: "raw", name: "*" }], prompts: [], resources: [] }],
  };
  return { directory, name: "edge", gateway: { config }, startTimeoutMs: 20_000 };
}

type Inputs = Properties & {
  directory: string;
  gateway: { config: { listen: { host: string; port: number } } };
};

/** The same gateway, with another configuration. */
function changed(inputs: Inputs, change: Properties): Inputs {
  return { ...inputs, gateway: { config: { ...inputs.gateway.config, ...change } } };
}

async function calling(gateway: DrivenResource): Promise<Calls> {
  const calls = startCalling(String(gateway.outputs.url), "raw__pid");
  started.calls.push(calls);
  await until(() => calls.answers.length > 200);
  return calls;
}

const identityOf = (resource: DrivenResource) => resource.outputs as unknown as ProcessRecord;
const portOf = ({ gateway }: Inputs) => gateway.config.listen.port;
const processesOn = (port: number) => new Set(listenersOn(port).flatMap(({ pids }) => pids));

/** Gateways of a run-time directory, whether or not anything knows of them. */
const runningIn = (directory: string) =>
  readdirSync("/proc")
    .map(Number)
    .filter((pid) => pid > 0 && markOf(pid)?.directory === directory);

describe("a gateway that is replaced under load", () => {
  test("loses no call, time after time", async ({ directory, resource }) => {
    const inputs = await gatewayInputs(directory);
    const gateway = resource("Process", "edge");
    await gateway.up(inputs);
    const calls = await calling(gateway);
    for (let revision = 1; revision <= 5; revision++) {
      const before = identityOf(gateway);
      const answered = calls.answers.length;
      await gateway.up({ ...inputs, revision: String(revision) });
      expect(isAlive(before)).toBe(false);
      expect(processesOn(portOf(inputs))).toEqual(new Set([identityOf(gateway).pid]));
      await until(() => calls.answers.length > answered + 200);
    }
    await calls.stop();
    expect(calls.lost).toEqual([]);
    expect(readRecords(directory)).toMatchObject([{ alive: true, pid: identityOf(gateway).pid }]);
    // Each has its own door, and takes it along.
    const { instance } = identityOf(gateway);
    const door = controlPath(directory, "edge", instance) ?? "";
    expect(readdirSync(dirname(door)).map((file) => join(dirname(door), file))).toEqual([door]);

    await gateway.destroy();
    expect(processesOn(portOf(inputs))).toEqual(new Set());
    expect(existsSync(directory)).toBe(false);
    expect(existsSync(dirname(door))).toBe(false);
  });

  test("answers the longest call that it allows before it ends", async ({ directory, resource }) => {
    const inputs = await gatewayInputs(directory);
    const gateway = resource("Process", "edge");
    await gateway.up(inputs);
    const slow = startCalling(String(gateway.outputs.url), "raw__slow", { callers: 2, args: { ms: 12_000 } });
    started.calls.push(slow);
    const stopped = slow.stop(); // after this one call
    await gateway.up({ ...inputs, revision: "2" });
    await stopped;
    expect([slow.answers, slow.lost]).toEqual([['"done"', '"done"'], []]);
    await gateway.destroy();
  });

  test("goes on when its successor can't start, which says why", async ({ directory, resource }) => {
    const inputs = await gatewayInputs(directory);
    const gateway = resource("Process", "edge");
    await gateway.up({ ...inputs, secretEnv: { KEY: secret("correct horse") } });
    const before = identityOf(gateway);
    const config = readFileSync(join(directory, "run", "edge", "gateway.json"), "utf8");
    const calls = await calling(gateway);
    const [server] = (inputs.gateway.config as Properties).servers as Properties[];
    const broken = changed(inputs, { servers: [{ ...server, headersFromEnv: { authorization: "ABSENT" } }] });
    await expect(gateway.up(broken)).rejects.toThrow(
      /^gateway\.config: the process "edge" ended with exit code \d+ before it answered in MCP; the one before it goes on\. Its last lines:\n {2}\| gateway: servers\[0\]\.headersFromEnv\.authorization: the environment variable ABSENT is not set\n/,
    );
    await calls.stop();
    expect(calls.lost).toEqual([]);
    expect(isAlive(before)).toBe(true);
    expect(processesOn(portOf(inputs))).toEqual(new Set([before.pid]));
    expect(readRecords(directory)).toMatchObject([{ alive: true, pid: before.pid }]);
    expect(readFileSync(join(directory, "run", "edge", "gateway.json"), "utf8")).toBe(config);
    expect(await gateway.preview({ ...inputs, secretEnv: { KEY: secret("correct horse") } })).toMatchObject({
      changes: false,
      status: "running",
    });
    await gateway.destroy();
  });

  test("may get another port, or another address of its port", async ({ directory, resource }) => {
    const inputs = await gatewayInputs(directory);
    const gateway = resource("Process", "edge");
    await gateway.up(inputs);
    const first = identityOf(gateway);
    const port = await freePort();
    const elsewhere = changed(inputs, { listen: { host: "127.0.0.1", port } });
    await gateway.up(elsewhere);
    expect([isAlive(first), processesOn(portOf(inputs)).size]).toEqual([false, 0]);
    expect(processesOn(port)).toEqual(new Set([identityOf(gateway).pid]));

    await gateway.up(changed(elsewhere, { listen: { host: "::1", port } }));
    expect(processesOn(port)).toEqual(new Set([identityOf(gateway).pid]));

    const foreign = createServer().listen(portOf(inputs), "127.0.0.1");
    await once(foreign, "listening");
    await expect(gateway.up(inputs)).rejects.toThrow(/listen\.port: port \d+ is taken by pid/);
    expect(isAlive(identityOf(gateway))).toBe(true);
    foreign.close();
    await gateway.destroy();
  });

  test("that can't be asked any more is ended first", async ({ directory, resource }) => {
    const inputs = await gatewayInputs(directory);
    const gateway = resource("Process", "edge");
    await gateway.up(inputs);
    const first = identityOf(gateway);
    rmSync(controlPath(directory, "edge", first.instance) ?? "");
    await gateway.up({ ...inputs, revision: "2" });
    expect([isAlive(first), isAlive(identityOf(gateway))]).toEqual([false, true]);
    await gateway.destroy();
  });
});

describe("a replacement that is interrupted", () => {
  const provider = resolve("components/targets/local/provider/provider.ts");

  /** Lets a plugin of its own replace a gateway and kills it as soon as something holds. */
  async function interrupted(gateway: DrivenResource, inputs: Inputs, holds: () => boolean): Promise<void> {
    const script = `import { localProvider } from ${JSON.stringify(provider)};
      const [urn, inputs, state] = JSON.parse(process.argv[1]);
      await localProvider.update("id", urn, state, inputs);`;
    const values = JSON.stringify([gateway.urn, inputs, gateway.state]);
    const plugin = spawn(process.execPath, ["--input-type=module", "-e", script, values], {
      stdio: "inherit",
    });
    started.plugins.push(plugin);
    const exit = once(plugin, "exit");
    await until(holds, 20_000);
    plugin.kill("SIGKILL");
    await exit;
  }

  test("at whatever moment leaves one gateway, which the next up replaces", async ({
    directory,
    resource,
  }) => {
    const inputs = await gatewayInputs(directory);
    const port = portOf(inputs);
    const gateway = resource("Process", "edge");
    await gateway.up(inputs);
    const before = identityOf(gateway);
    const calls = await calling(gateway);
    // While the successor starts: it is ended.
    await interrupted(gateway, { ...inputs, revision: "2" }, () => runningIn(directory).length > 1);
    await until(() => runningIn(directory).length === 1, 20_000);
    expect(processesOn(port)).toEqual(new Set([before.pid]));
    expect(await gateway.preview(inputs)).toMatchObject({ changes: false });
    // When it listens: it may have been accepted already.
    await interrupted(gateway, { ...inputs, revision: "2" }, () =>
      [...processesOn(port)].some((pid) => pid !== before.pid),
    );
    await until(() => runningIn(directory).length === 1, 20_000);
    await gateway.up({ ...inputs, revision: "2" });
    expect(runningIn(directory)).toEqual([identityOf(gateway).pid]);
    await calls.stop();
    expect(calls.lost).toEqual([]);
    expect(readdirSync(dirname(socketPath(directory, "edge")))).toHaveLength(1);
    await gateway.destroy();
  });

  test("after the old one was told to end is finished by the next up, and all of it goes with a destroy", async ({
    directory,
    resource,
  }) => {
    const inputs = await gatewayInputs(directory);
    const gateway = resource("Process", "edge");
    await gateway.up(inputs);
    const calls = await calling(gateway);
    for (const revision of ["2", "3"]) {
      const before = identityOf(gateway);
      const ends = () => readFileSync(before.logFile, "utf8").split('"stopping"').length;
      const endsBefore = ends();
      await interrupted(gateway, { ...inputs, revision }, () => ends() > endsBefore);
      await until(() => !isAlive(before), 20_000);
      expect(readRecords(directory)).toMatchObject([{ alive: true }]);
      expect(await gateway.preview({ ...inputs, revision })).toMatchObject({ changes: true });
      if (revision === "3") break;
      await gateway.up({ ...inputs, revision });
    }
    await calls.stop();
    expect(calls.lost).toEqual([]);
    expect(runningIn(directory)).toHaveLength(1);
    await gateway.destroy();
    expect(runningIn(directory)).toEqual([]);
    expect(existsSync(directory)).toBe(false);
  });
});
