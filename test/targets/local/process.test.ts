import { spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { describe, expect, vi } from "vitest";
import { isAlive, kernelStartTime } from "../../../components/targets/local/provider/identity.ts";
import { stopProcess } from "../../../components/targets/local/provider/lifecycle.ts";
import { localProvider } from "../../../components/targets/local/provider/provider.ts";
import { readRecords } from "../../../components/targets/local/provider/records.ts";
import { secret } from "../../../components/targets/local/provider/values.ts";
import { probe } from "../../../gateway/probe.ts";
import { plainSender } from "../../../gateway/protocol/exchange.ts";
import { everything, freePort, test, until } from "./fixture.ts";

const timeoutMs = 2_000;

interface Outputs {
  pid: number;
  startedAt: string;
  instance: string;
  url: string;
  socket?: string;
  logFile: string;
}

describe("a process of the local target", () => {
  test("is started, answers in MCP, is found by its record, and leaves nothing when it is deleted", async ({
    directory,
    resource,
    stdioServer,
  }) => {
    const server = resource("Process", "notes");
    const { pid, url, socket } = (await server.up(stdioServer({ storage: true }))) as unknown as Outputs;
    expect(await probe({ url, socket, timeoutMs })).toMatchObject({ ok: true });
    expect(readRecords(directory)).toMatchObject([{ name: "notes", kind: "server-stdio", pid, alive: true }]);
    expect(statSync(directory).mode & 0o777).toBe(0o700);
    expect(statSync(dirname(socket ?? "")).mode & 0o777).toBe(0o700);
    expect(Buffer.byteLength(socket ?? "")).toBeLessThan(104);

    await server.destroy();
    expect(kernelStartTime(pid)).toBeUndefined();
    expect(existsSync(directory)).toBe(false);
    expect(existsSync(dirname(socket ?? ""))).toBe(false);
  });

  test("gets its own environment and its secrets, but none of Pulumi's", async ({ resource, httpServer }) => {
    process.env.PULUMI_CONFIG_PASSPHRASE = "open sesame";
    const server = resource("Process", "everything");
    const { pid } = (await server.up(
      await httpServer({ env: { NOTES: "{{mcp.data}}/n" } }),
    )) as unknown as Outputs;
    const environment = readFileSync(`/proc/${pid}/environ`, "utf8");
    expect(environment).toContain("API_KEY=correct horse battery");
    expect(environment).toMatch(/NOTES=\/.*\/run\/everything\/n\0/);
    expect(environment).not.toContain("open sesame");
    expect(JSON.stringify(server.outputs.secretEnv)).toContain("correct horse");
    expect(server.state?.secretEnv).toEqual({ API_KEY: secret("correct horse battery") });
    delete process.env.PULUMI_CONFIG_PASSPHRASE;
    await server.destroy();
  });

  test("that died shows in the preview, and the next up repairs it", async ({ resource, httpServer }) => {
    const inputs = await httpServer();
    const server = resource("Process", "everything");
    const before = (await server.up(inputs)) as unknown as Outputs;
    expect(await server.preview(inputs)).toEqual({ changes: false, status: "running", replaces: [] });

    process.kill(before.pid, "SIGKILL");
    await until(() => !isAlive(before));
    const status = `not running (pid ${before.pid} has ended); it is started again`;
    expect(await server.preview(inputs)).toEqual({ changes: true, status, replaces: [] });
    expect(await server.refresh()).toMatchObject({ status });

    const after = (await server.up(inputs)) as unknown as Outputs;
    expect(after.pid).not.toBe(before.pid);
    expect(await probe({ url: after.url, timeoutMs })).toMatchObject({ ok: true });
    expect(await server.preview(inputs)).toMatchObject({ changes: false, status: "running" });
    await server.destroy();
  });

  test("whose socket is gone is started again; one whose record is damaged keeps running", async ({
    directory,
    resource,
    stdioServer,
  }) => {
    const inputs = stdioServer();
    const server = resource("Process", "notes");
    const first = (await server.up(inputs)) as unknown as Outputs;
    rmSync(first.socket ?? "");
    expect(readRecords(directory)).toMatchObject([{ alive: false, reason: /its socket .* is gone/ }]);
    // It still runs, so that no other resource may take its name.
    expect((await resource("Process", "rival").check(inputs)).faults).toEqual([
      expect.stringContaining("runs a process of this name already"),
    ]);
    expect(await server.preview(inputs)).toMatchObject({ changes: true, status: /socket .* is gone/ });
    const second = (await server.up(inputs)) as unknown as Outputs;
    expect(second.pid).not.toBe(first.pid);

    writeFileSync(join(directory, "processes", "notes.json"), "{ torn");
    expect(readRecords(directory)).toMatchObject([{ damaged: true, reason: /run `pulumi up`/ }]);
    expect(await server.preview(inputs)).toMatchObject({
      changes: true,
      status: /record .* is gone or damaged/,
    });
    const third = (await server.up(inputs)) as unknown as Outputs;
    expect(third.pid).toBe(second.pid);
    expect(readRecords(directory)).toMatchObject([{ damaged: false, alive: true, pid: second.pid }]);
    await server.destroy();
  });

  test("is recognised on its port without its record, and put right when its directory was removed", async ({
    directory,
    resource,
    httpServer,
  }) => {
    const inputs = await httpServer();
    const server = resource("Process", "everything");
    const first = (await server.up(inputs)) as unknown as Outputs;
    writeFileSync(join(directory, "processes", "everything.json"), "{ torn");
    expect(await server.preview(inputs)).toMatchObject({
      changes: true,
      status: /record .* is gone or damaged/,
    });
    expect(await server.up(inputs)).toMatchObject({ pid: first.pid });

    rmSync(directory, { recursive: true });
    expect(await server.preview(inputs)).toMatchObject({ changes: true, status: /directory .* is gone/ });
    const second = (await server.up(inputs)) as unknown as Outputs;
    expect(isAlive(first)).toBe(false);
    expect(readRecords(directory)).toMatchObject([{ alive: true, pid: second.pid }]);

    // No other resource may end it, and none that has never run it.
    rmSync(directory, { recursive: true });
    expect((await resource("Process", "rival").check(inputs)).faults).toEqual([
      expect.stringMatching(/^http\.port: .* taken by the process "everything" of the same directory \(pid/),
    ]);
    const elsewhere = `${directory}-2`;
    expect((await resource("Process", "rival").check({ ...inputs, directory: elsewhere })).faults).toEqual([
      expect.stringContaining(`taken by the process "everything" of ${directory} (pid ${second.pid} `),
    ]);
    await server.destroy();
    expect(isAlive(second)).toBe(false);
  });

  test("is not taken for started because another one answers on its port", async ({
    directory,
    resource,
    httpServer,
  }) => {
    const inputs = await httpServer();
    const { port } = inputs.http as { port: number };
    const silent = {
      ...inputs,
      name: "silent",
      http: { ...(inputs.http as object), command: "sleep", args: ["60"] },
    };
    const [server, rival] = [resource("Process", "everything"), resource("Process", "silent")];
    const [kept, refused] = await Promise.allSettled([server.up(inputs), rival.up(silent)]);
    expect(kept).toMatchObject({ status: "fulfilled" });
    expect(refused).toMatchObject({
      reason: {
        message: expect.stringMatching(
          new RegExp(`^http\\.port: port ${port} is taken by the process "everything" of the same directory`),
        ),
      },
    });
    expect(readRecords(directory)).toMatchObject([{ name: "everything", alive: true }]);
    await server.destroy();
  });

  test("that listens beyond loopback is open to the network, of which the user is warned", async ({
    resource,
    httpServer,
  }) => {
    const said: string[] = [];
    const console = vi.spyOn(globalThis.console, "warn").mockImplementation((text) => said.push(text));
    // Whoever asks for a credential is up, so this does for a server.
    const script = 'require("http").createServer((_, to) => to.writeHead(401).end()).listen';
    const listeningOn = (address: string) => ({
      command: process.execPath,
      args: ["-e", `${script}(process.env.PORT, ${address})`],
    });
    const programs = {
      six: {},
      four: listeningOn('"0.0.0.0"'),
      closed: listeningOn("process.env.HOST"),
      mapped: listeningOn('"::ffff:127.0.0.1"'),
    };
    for (const [name, program] of Object.entries(programs)) {
      const { http, ...inputs } = await httpServer({ name });
      const server = resource("Process", name);
      await server.up({ ...inputs, http: { ...(http as object), ...program } });
      await server.destroy();
    }
    // Nothing is under way any more: the destruction of the later ones took longer than a warning does.
    await until(() => said.length >= 2);
    console.mockRestore();
    expect(said).toEqual([
      expect.stringMatching(/http\.port: "six" listens .* can call it without a token.* or use .* stdio/),
      expect.stringMatching(/http\.port: "four" listens /),
    ]);
  });

  test("restarts for what it has to know, and keeps its data", async ({
    directory,
    resource,
    stdioServer,
  }) => {
    const server = resource("Process", "notes");
    const first = (await server.up(stdioServer({ storage: true }))) as unknown as Outputs;
    writeFileSync(join(directory, "data", "notes", "kept"), "");
    const same = await server.up(stdioServer({ storage: true, startTimeoutMs: 30_000 }));
    expect(same.pid).toBe(first.pid);
    const other = await server.up(stdioServer({ storage: true, startTimeoutMs: 30_000, revision: "2" }));
    expect(other.pid).not.toBe(first.pid);
    expect(readdirSync(join(directory, "data", "notes"))).toEqual(["kept"]);
    expect(await server.preview(stdioServer({ storage: true, name: "other" }))).toMatchObject({
      replaces: ["name"],
    });
    await server.destroy();
  });

  test("that can't start says which property, what happened and its last lines, without the secrets", async ({
    directory,
    resource,
    httpServer,
  }) => {
    const inputs = await httpServer({ startTimeoutMs: 5_000 });
    const script = 'console.error("key is", process.env.API_KEY); process.exit(3)';
    const http = { ...(inputs.http as object), command: process.execPath, args: ["-e", script] };
    const server = resource("Process", "everything");
    const failure = await server.up({ ...inputs, http }).catch((error: Error) => error);
    expect(failure).toMatchObject({
      message: expect.stringMatching(
        /^http\.command: the process "everything" ended with exit code 3 before it answered in MCP\. Its last lines:\n {2}\| key is \[secret\]\n/,
      ),
      stack: "",
    });
    expect(readRecords(directory)).toEqual([]);

    // After a failed update the state knows the old process; the next up has it in order again.
    const good = (await server.up(inputs)) as unknown as Outputs;
    await expect(server.up({ ...inputs, http })).rejects.toThrow("exit code 3");
    expect(await server.preview(inputs)).toMatchObject({ changes: true, status: /^not running/ });
    const repaired = (await server.up(inputs)) as unknown as Outputs;
    expect(repaired.pid).not.toBe(good.pid);
    expect(isAlive(repaired)).toBe(true);
    await server.destroy();
  });

  test("that does not answer in time is ended, and the message names the time that it had", async ({
    resource,
    httpServer,
  }) => {
    const inputs = await httpServer({ startTimeoutMs: 700 });
    const http = { ...(inputs.http as object), command: "sleep", args: ["60"] };
    const nobody = resource("Process", "everything").up({ ...inputs, http });
    await expect(nobody).rejects.toThrow(
      /did not answer in MCP within 700 ms \(nothing listens .*\), so it was ended; .* raise `startTimeout`/,
    );
    const listens = 'require("http").createServer(() => {}).listen(process.env.PORT, process.env.HOST)';
    const silent = { ...http, command: process.execPath, args: ["-e", listens] };
    await expect(
      resource("Process", "everything").up({ ...inputs, startTimeoutMs: 3_000, http: silent }),
    ).rejects.toThrow(/did not answer in MCP within 3000 ms, so it was ended/);
  });

  test("left over from an interrupted run makes way for its successor", async ({ resource, httpServer }) => {
    const inputs = await httpServer();
    const interrupted = (await resource("Process", "everything").up(inputs)) as unknown as Outputs;
    const next = resource("Process", "everything");
    const started = (await next.up(inputs)) as unknown as Outputs;
    expect(isAlive(interrupted)).toBe(false);
    expect(isAlive(started)).toBe(true);
    // Another resource is no successor, also where its preview could not see this one yet.
    const rival = resource("Process", "rival");
    await expect(localProvider.create(rival.urn, inputs)).rejects.toThrow(
      /^name: the resource urn:.* runs a process of this name already/,
    );
    expect(isAlive(started)).toBe(true);
    const other = await resource("Process", "rival").check(inputs);
    expect(other.faults).toEqual([
      expect.stringMatching(/^name: the resource urn:.* runs a process of this name/),
    ]);
    await next.destroy();
  });

  test("that somebody else's process only shares a number with is left alone", async ({
    resource,
    httpServer,
  }) => {
    const bystander = spawn("sleep", ["60"]);
    await once(bystander, "spawn");
    const server = resource("Process", "everything");
    const outputs = (await server.up(await httpServer())) as unknown as Outputs;
    await stopProcess({ ...outputs, pid: bystander.pid ?? 0, startedAt: "1@00000000" });
    expect(bystander.exitCode ?? bystander.signalCode).toBeNull();
    await server.destroy();
    bystander.kill();
  });

  test("gives clients that can be asked something a session, where the declaration says so", async ({
    resource,
    stdioServer,
  }) => {
    const begun = async (name: string, sessionProcesses?: number) => {
      const stdio = { command: everything, args: ["stdio"], timeoutMs, sessionProcesses };
      const { socket } = (await resource("Process", name).up(
        stdioServer({ name, stdio }),
      )) as unknown as Outputs;
      const body = JSON.stringify({
        jsonrpc: "2.0",
        id: 1,
        method: "initialize",
        params: {
          protocolVersion: "2025-11-25",
          capabilities: { elicitation: {} },
          clientInfo: { name: "asked", version: "1" },
        },
      });
      const headers = { "content-type": "application/json", accept: "application/json, text/event-stream" };
      const signal = AbortSignal.timeout(10_000);
      const answer = await plainSender(
        "http://localhost/mcp",
        socket,
      )({ method: "POST", headers, body, signal });
      return answer.headers["mcp-session-id"];
    };
    expect(await begun("asking", 2)).toEqual(expect.any(String));
    expect(await begun("silent")).toBeUndefined();
  });

  test("can be the gateway, in front of a server on a socket", async ({
    directory,
    resource,
    stdioServer,
  }) => {
    const server = resource("Process", "notes");
    const { url, socket } = (await server.up(stdioServer())) as unknown as Outputs;
    const port = await freePort();
    const config = {
      name: "edge",
      listen: { host: "127.0.0.1", port },
      auth: "none",
      allowedHosts: ["127.0.0.1"],
      allowedOrigins: [],
      servers: [{ name: "notes", url, socket, timeoutMs: 5_000 }],
      consumers: [{ name: "me", tools: [{ server: "notes", name: "*" }], prompts: [], resources: [] }],
    };
    const gateway = resource("Process", "edge");
    const inputs = { directory, name: "edge", gateway: { config }, revision: "1" };
    await gateway.up(inputs);
    expect(gateway.outputs).toMatchObject({ url: `http://127.0.0.1:${port}/mcp`, status: "running" });
    expect(await probe({ url: `http://127.0.0.1:${port}/mcp`, timeoutMs })).toMatchObject({
      ok: true,
      name: "edge",
    });
    rmSync(join(directory, "run", "edge", "gateway.json"));
    expect(await gateway.preview(inputs)).toMatchObject({
      changes: true,
      status: /configuration .* is gone/,
    });
    await gateway.destroy();
    await server.destroy();
    expect(existsSync(directory)).toBe(false);
  });

  test("gives the engine only what its protocol can carry", async ({ resource, httpServer }) => {
    const server = resource("Process", "everything");
    await server.up(await httpServer());
    expect(Object.values(server.state ?? {})).not.toContain(undefined);
    await server.destroy();
    await expect(localProvider.create("urn:pulumi:a::b::mcp-infra-local:index:Nope::c", {})).rejects.toThrow(
      'no resource type "Nope"',
    );
  });
});
