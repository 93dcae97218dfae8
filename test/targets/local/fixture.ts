import { execFileSync } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createServer, type Server } from "node:http";
import { type AddressInfo, createServer as createTcpServer } from "node:net";
import { tmpdir } from "node:os";
import { dirname, join, resolve } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { test as base, vi } from "vitest";
import { stopProcess } from "../../../components/targets/local/provider/lifecycle.ts";
import { localProvider } from "../../../components/targets/local/provider/provider.ts";
import { readRecords } from "../../../components/targets/local/provider/records.ts";
import { socketPath } from "../../../components/targets/local/provider/runtime-directory.ts";
import { type Properties, plain, secret } from "../../../components/targets/local/provider/values.ts";

// Real processes on a machine that may be busy with other things.
vi.setConfig({ testTimeout: 30_000 });

/** A real server's program, from the development dependencies. */
export const everything = resolve("node_modules/.bin/mcp-server-everything");

/** One resource, as the engine would drive it: each `up` is check, diff and what follows from them. */
export class DrivenResource {
  inputs: Properties = {};
  state: Properties | undefined;
  readonly urn: string;
  readonly #id = "id";

  constructor(type: string, name: string) {
    this.urn = `urn:pulumi:test::story::mcp-infra-local:index:${type}::${name}`;
  }

  /** The outputs without the wrappers of secrets. */
  get outputs(): Properties {
    return plain(this.state) as Properties;
  }

  async check(news: Properties): Promise<{ inputs: Properties; faults: string[] }> {
    const { inputs, failures } = await localProvider.check(this.urn, this.inputs, news);
    return { inputs: inputs as Properties, faults: failures.map(({ reason }) => reason) };
  }

  /** What a preview tells: whether anything changes, and what the computed status says. */
  async preview(news: Properties): Promise<{ changes: boolean; status: unknown; replaces: string[] }> {
    const { inputs, faults } = await this.check(news);
    if (faults.length > 0) throw new Error(faults.join("\n"));
    const { changes = true, replaces = [] } = await localProvider.diff(
      this.#id,
      this.urn,
      this.state,
      inputs,
    );
    return { changes, status: inputs.status, replaces };
  }

  async up(news: Properties): Promise<Properties> {
    const { inputs, faults } = await this.check(news);
    if (faults.length > 0) throw new Error(faults.join("\n"));
    if (this.state === undefined) {
      this.state = (await localProvider.create(this.urn, inputs)).outs;
    } else if ((await localProvider.diff(this.#id, this.urn, this.state, inputs)).changes) {
      this.state = (await localProvider.update(this.#id, this.urn, this.state, inputs)).outs;
    }
    this.inputs = inputs;
    return this.outputs;
  }

  async refresh(): Promise<Properties> {
    return plain((await localProvider.read(this.#id, this.urn, this.state)).props) as Properties;
  }

  async destroy(): Promise<void> {
    await localProvider.delete(this.#id, this.urn, this.state);
    this.state = undefined;
  }
}

/** What every story has: a directory of its own that is gone afterwards, with all that was started in it. */
export const test = base.extend<{
  /** A run-time directory that does not exist yet. */
  directory: string;
  /** A resource of the given type. */
  resource: (type: string, name: string) => DrivenResource;
  /** Inputs of a stdio server that says what it is told to. */
  stdioServer: (args?: Properties) => Properties;
  /** Inputs of a server that speaks HTTP itself. */
  httpServer: (args?: Properties) => Promise<Properties>;
}>({
  // biome-ignore lint/correctness/noEmptyPattern: vitest reads the fixtures that one needs from the pattern
  directory: async ({}, use) => {
    const parent = mkdtempSync(join(tmpdir(), "mcp-infra-test-"));
    const directory = join(parent, "run-time");
    await use(directory);
    for (const record of readRecords(directory)) if (!record.damaged) await stopProcess(record);
    const sockets = dirname(socketPath(directory, "any"));
    for (const path of [parent, sockets]) rmSync(path, { recursive: true, force: true });
  },
  // biome-ignore lint/correctness/noEmptyPattern: as above
  resource: async ({}, use) => use((type, name) => new DrivenResource(type, name)),
  stdioServer: async ({ directory }, use) =>
    use((args = {}) => ({
      directory,
      name: "notes",
      stdio: { command: everything, args: ["stdio"], timeoutMs: 5_000 },
      revision: "1",
      ...args,
    })),
  httpServer: async ({ directory }, use) =>
    use(async (args = {}) => ({
      directory,
      name: "everything",
      http: {
        command: everything,
        args: ["streamableHttp"],
        port: await freePort(),
        path: "/mcp",
      },
      secretEnv: { API_KEY: secret("correct horse battery") },
      revision: "1",
      ...args,
    })),
});

/** A port of loopback that nobody has. */
export async function freePort(): Promise<number> {
  const server = createTcpServer().listen(0, "127.0.0.1");
  await new Promise((listening) => server.once("listening", listening));
  const { port } = server.address() as AddressInfo;
  await new Promise((closed) => server.close(closed));
  return port;
}

/** Waits for something that is about to become true. */
export async function until(holds: () => boolean, milliseconds = 5_000): Promise<void> {
  const deadline = Date.now() + milliseconds;
  while (!holds()) {
    if (Date.now() > deadline) throw new Error(`not within ${milliseconds} ms: ${holds}`);
    await delay(10);
  }
}

/** An npm registry on loopback with one package, `greeter@1.0.0`, whose command speaks MCP over stdio. */
export async function startRegistry(
  parent: string,
): Promise<{ url: string; requests: string[]; close(): void }> {
  const folder = join(parent, "package");
  mkdirSync(folder, { recursive: true });
  const manifest = { name: "greeter", version: "1.0.0", bin: { greet: "greet.js", wave: "greet.js" } };
  writeFileSync(join(folder, "package.json"), JSON.stringify(manifest));
  writeFileSync(join(folder, "greet.js"), greeter, { mode: 0o755 });
  const tarball = execFileSync("tar", ["-cz", "-C", parent, "package"]);
  const requests: string[] = [];
  const server: Server = createServer((request, response) => {
    requests.push(request.url ?? "");
    if (request.url === "/greeter.tgz") return response.end(tarball);
    if (request.url !== "/greeter") return response.writeHead(404).end("{}");
    const version = { ...manifest, dist: { tarball: `${url}/greeter.tgz` } };
    const body = { name: "greeter", "dist-tags": { latest: "1.0.0" }, versions: { "1.0.0": version } };
    return response.writeHead(200, { "content-type": "application/json" }).end(JSON.stringify(body));
  });
  await new Promise<void>((listening) => server.listen(0, "127.0.0.1", listening));
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  return { url, requests, close: () => server.close() };
}

const greeter = `#!/usr/bin/env node
const lines = require("node:readline").createInterface({ input: process.stdin });
lines.on("line", (line) => {
  const { id, method, params } = JSON.parse(line);
  if (id === undefined) return;
  const answer = method === "initialize"
    ? { result: { protocolVersion: params.protocolVersion, capabilities: { tools: {} }, serverInfo: { name: "greeter", version: "1.0.0" } } }
    : method === "tools/list" ? { result: { tools: [] } }
    : { error: { code: -32601, message: "Method not found" } };
  process.stdout.write(JSON.stringify({ jsonrpc: "2.0", id, ...answer }) + "\\n");
});
`;
