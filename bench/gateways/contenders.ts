import { createHash } from "node:crypto";
import { writeFile } from "node:fs/promises";
import path from "node:path";
import { fileURLToPath } from "node:url";
import canonicalize from "canonicalize";
import { freePorts } from "../../test/e2e/project.ts";
import { type Config, consumer, gatewayConfig, program, tools, until } from "../../test/gateway/fixture.ts";
import { Client, type Target } from "./client.ts";
import { type Peer, peers } from "./peers.ts";
import { type Program, startProgram } from "./program.ts";
import { TOOLS } from "./what.ts";

/** Something that is called, directly or in front of the server. */
export interface Contender {
  name: string;
  target: Target;
  program: Program;
}

/** Somebody who was to be measured, and why that can't be. */
export interface Missing {
  name: string;
  reason: string;
}

const file = (name: string) => fileURLToPath(new URL(name, import.meta.url));
const url = (port: number, route = "/mcp") => `http://127.0.0.1:${port}${route}`;

/** The command of the server, over HTTP or stdio. */
export const server = (...args: string[]) => [process.execPath, file("server.ts"), ...args];

/** Starts the server itself. */
export async function direct(directory: string): Promise<Contender & { port: number }> {
  const [port = 0] = await freePorts(1);
  const log = path.join(directory, "server.log");
  const started = await startProgram(server("http", String(port)), { port, log });
  return { name: "direct", target: { endpoint: url(port) }, program: started, port };
}

/** Starts a reverse proxy that does nothing else. */
export async function pipe(directory: string, target: number): Promise<Contender> {
  const [port = 0] = await freePorts(1);
  const command = [process.execPath, file("pipe.ts"), String(port), String(target)];
  const started = await startProgram(command, { port, log: path.join(directory, "pipe.log") });
  return { name: "bare Node pipe", target: { endpoint: url(port) }, program: started };
}

/** What the declaration's defaults make of a server, and limits that nobody reaches: they are asked all the same. */
const limit = { calls: 1_000_000_000, perMs: 60_000 };
const protections = {
  timeoutMs: 10_000,
  resilience: {
    retry: { attempts: 3, backoffMs: 50, maxBackoffMs: 1_000 },
    circuitBreaker: { failures: 5, cooldownMs: 10_000 },
    concurrency: { calls: 64, queue: 64, waitMs: 1_000 },
  },
};

const pins = Object.fromEntries(
  TOOLS.map((tool) => [
    tool.name,
    createHash("sha256")
      .update(canonicalize(tool) ?? "")
      .digest("hex"),
  ]),
);

/** This gateway with all its protections on, in front of the server; its audit log goes to a file. */
export function gateway(directory: string, target: number): Promise<Contender> {
  return startGateway(directory, {
    servers: [{ name: "bench", url: url(target), ...protections, perTool: { small: { limit } } }],
    consumers: [{ ...consumer("agent", { tools: tools("bench") }), limit }],
    catalogue: { agent: { tools: { bench: pins } } },
  });
}

/** This gateway in front of so many servers, with so many tools in all. */
export async function gatewayOfMany(
  directory: string,
  target: number,
  { servers, tools: count }: { servers: number; tools: number },
): Promise<Contender> {
  const names = Array.from({ length: servers }, (_, index) => `server-${index}`);
  const contender = await startGateway(directory, {
    servers: names.map((name) => ({ name, url: url(target, `/list/${count / servers}`), ...protections })),
    consumers: [consumer("agent", { tools: names.flatMap((name) => tools(name)) })],
  });
  return { ...contender, target: { ...contender.target, listed: count } };
}

async function startGateway(directory: string, config: Partial<Config>): Promise<Contender> {
  const [port = 0] = await freePorts(1);
  const configFile = path.join(directory, `gateway-${port}.json`);
  await writeFile(
    configFile,
    JSON.stringify(gatewayConfig({ ...config, listen: { host: "127.0.0.1", port } })),
  );
  const log = path.join(directory, `gateway-${port}.log`);
  const started = await startProgram(program("serve", "--config", configFile), { port, log });
  return { name: "mcp-infra", target: { endpoint: url(port), token: "agent-token" }, program: started };
}

/** The gateways of others, as far as they are to be had; each is installed when it is first asked for. */
export async function startPeers(
  directory: string,
  target: number,
): Promise<{ started: Contender[]; missing: Missing[] }> {
  const started: Contender[] = [];
  const missing: Missing[] = [];
  for (const peer of peers) {
    try {
      started.push(await startPeer(peer, directory, target));
    } catch (error) {
      const [reason = ""] = String(error instanceof Error ? error.message : error).split("\n");
      missing.push({ name: peer.name, reason });
    }
  }
  return { started, missing };
}

async function startPeer(
  { name, older, install, command }: Peer,
  directory: string,
  target: number,
): Promise<Contender> {
  const [port = 0] = await freePorts(1);
  const task = { port, url: url(target), stdio: server("stdio"), directory };
  const log = path.join(directory, `${name}.log`);
  const started = await startProgram(await command(await install(), task), { port, log });
  const own = { endpoint: url(port), ...(older && { older }) };
  try {
    // Some listen before they know what is behind them.
    await until(async () => (await Client.open(own)).close().then(() => true), 30_000);
  } catch (error) {
    await started.end();
    throw error;
  }
  return { name, target: own, program: started };
}
