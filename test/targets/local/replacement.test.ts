import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { createServer } from "node:net";
import { dirname, join, resolve } from "node:path";
import { afterAll, afterEach, describe, expect, vi } from "vitest";
import { descendantsOf, isAlive } from "../../../components/targets/local/provider/identity.ts";
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
    await until(holds, 20_000);
    plugin.kill("SIGKILL");
    await once(plugin, "exit");
  }

  test("before the successor works leaves everything as it was", async ({ directory, resource }) => {
    const inputs = await gatewayInputs(directory);
    const gateway = resource("Process", "edge");
    await gateway.up(inputs);
    const before = identityOf(gateway);
    const calls = await calling(gateway);
    const doors = () => readdirSync(dirname(socketPath(directory, "edge")));
    const pids = new Set<number>();
    await interrupted(gateway, { ...inputs, revision: "2" }, () => {
      for (const pid of processesOn(portOf(inputs))) pids.add(pid);
      return pids.size > 1;
    });
    await until(() => processesOn(portOf(inputs)).size === 1, 20_000);
    expect(processesOn(portOf(inputs))).toEqual(new Set([before.pid]));
    await gateway.up({ ...inputs, revision: "2" });
    await calls.stop();
    expect(calls.lost).toEqual([]);
    expect(doors()).toHaveLength(1);
    await gateway.destroy();
  });

  test("after that is finished by the next up, and all of it goes with a destroy", async ({
    directory,
    resource,
  }) => {
    const inputs = await gatewayInputs(directory);
    const gateway = resource("Process", "edge");
    await gateway.up(inputs);
    const calls = await calling(gateway);
    for (const revision of ["2", "3"]) {
      const before = identityOf(gateway);
      // The old one is told to end once the record is the successor's; it takes a moment to answer what it has.
      await interrupted(gateway, { ...inputs, revision }, () => {
        const [record] = readRecords(directory);
        return (
          record?.damaged === false &&
          record.pid !== before.pid &&
          readFileSync(before.logFile, "utf8").split('"stopping"').length > Number(revision) - 1
        );
      });
      await until(() => !isAlive(before), 20_000);
      const [record] = readRecords(directory);
      expect(record).toMatchObject({ alive: true });
      expect(await gateway.preview({ ...inputs, revision })).toMatchObject({ changes: true });
      if (revision === "3") break;
      await gateway.up({ ...inputs, revision });
    }
    await calls.stop();
    expect(calls.lost).toEqual([]);
    const [record] = readRecords(directory);
    const instance = record?.damaged === false ? record.instance : "";
    await gateway.destroy();
    expect(descendantsOf(instance)).toEqual([]);
    expect(existsSync(directory)).toBe(false);
  });
});
