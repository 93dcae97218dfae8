import { existsSync } from "node:fs";
import { mkdir, rm, writeFile } from "node:fs/promises";
import path from "node:path";
import { execa } from "execa";
import { stringify } from "yaml";
import { cacheDirectory, say } from "../../toolchain/checkout.mjs";

/** What a peer is to be put in front of, and where it is to listen. */
export interface PeerTask {
  port: number;
  /** The server over HTTP. */
  url: string;
  /** The same server as a program that speaks stdio. */
  stdio: readonly string[];
  /** For files of its own. */
  directory: string;
}

/** A gateway of others: never a dependency, but installed into the user's cache when it is to be measured. */
export interface Peer {
  /** With its version. */
  name: string;
  /** Where its newer era is nothing that could be measured. */
  older?: boolean;
  /** Answers the directory it is in. @throws Error when it is not to be had. */
  install(): Promise<string>;
  /** The command that starts it. */
  command(directory: string, task: PeerTask): Promise<string[]> | string[];
}

/** Longest time for an installation, in milliseconds. */
const INSTALL_MS = 600_000;

const supergateway = "4.0.0";
const mcpProxy = "6.7.19";
const fastmcp = "4.1.2";
/** Later ones want a newer Go than many machines have. */
const vmcp = "0.47.0";

export const peers: readonly Peer[] = [
  {
    name: `mcp-proxy ${mcpProxy}`,
    install: () => npmPackage("mcp-proxy", mcpProxy),
    command: (directory, { port, stdio }) => [
      process.execPath,
      path.join(directory, "node_modules/.bin/mcp-proxy"),
      ...["--host", "127.0.0.1", "--port", String(port), "--server", "stream", "--no-eventStore"],
      "--",
      ...stdio,
    ],
  },
  {
    name: `supergateway ${supergateway}`,
    // Without a session it starts the program anew for each request.
    older: true,
    install: () => npmPackage("supergateway", supergateway),
    command: (directory, { port, stdio }) => [
      process.execPath,
      path.join(directory, "node_modules/.bin/supergateway"),
      ...["--stdio", stdio.join(" "), "--outputTransport", "streamableHttp", "--stateful"],
      ...["--port", String(port), "--logLevel", "none"],
    ],
  },
  {
    name: `ToolHive vMCP ${vmcp}`,
    install: () => goProgram("vmcp", "github.com/stacklok/toolhive", "cmd/vmcp", vmcp),
    command: async (directory, { port, url, directory: own }) => {
      const config = path.join(own, "vmcp.yaml");
      await writeFile(config, stringify(vmcpConfig(url)));
      const serve = ["serve", "--config", config, "--host", "127.0.0.1", "--port", String(port)];
      return [path.join(directory, "vmcp"), ...serve];
    },
  },
  {
    name: `FastMCP proxy ${fastmcp}`,
    // It lists no tool of what is behind it.
    older: true,
    install: () => pythonPackage("fastmcp", fastmcp),
    command: (directory, { port, url }) => [
      path.join(directory, "bin/fastmcp"),
      ...["run", url, "--transport", "http", "--host", "127.0.0.1", "--port", String(port)],
      ...["--no-banner", "--log-level", "ERROR"],
    ],
  },
];

function vmcpConfig(url: string) {
  return {
    name: "bench",
    groupRef: "bench",
    backends: [{ name: "bench", url, transport: "streamable-http" }],
    incomingAuth: { type: "anonymous" },
    outgoingAuth: { source: "inline", default: { type: "unauthenticated" } },
    aggregation: { conflictResolution: "prefix", conflictResolutionConfig: { prefixFormat: "{workload}_" } },
  };
}

const npmPackage = (name: string, version: string) =>
  installed(`${name}-${version}`, async (directory, run) => {
    await writeFile(path.join(directory, "package.json"), '{ "private": true }');
    await run("npm", "install", "--no-audit", "--no-fund", "--ignore-scripts", `${name}@${version}`);
  });

const pythonPackage = (name: string, version: string) =>
  installed(`${name}-${version}`, async (directory, run) => {
    await run("python3", "-m", "venv", directory);
    await run(path.join(directory, "bin/pip"), "install", "--quiet", `${name}==${version}`);
  });

const goProgram = (name: string, module: string, command: string, version: string) =>
  installed(`${name}-${version}`, async (directory, run) => {
    const tool = `${module}/${command}`;
    const lines = ["module bench", "", `tool ${tool}`, "", `require ${module} v${version}`, ""];
    await writeFile(path.join(directory, "go.mod"), lines.join("\n"));
    await run("go", "mod", "tidy");
    await run("go", "build", "-trimpath", "-ldflags", "-s -w", "-o", name, tool);
  });

type Run = (command: string, ...args: string[]) => Promise<unknown>;

/** The directory of an installation, made when it is not there. What was not finished is begun anew. */
async function installed(
  name: string,
  install: (directory: string, run: Run) => Promise<void>,
): Promise<string> {
  const directory = path.join(cacheDirectory(), "peers", name);
  const finished = path.join(directory, ".finished");
  if (existsSync(finished)) return directory;
  say(`Installing ${name}, once …`);
  await rm(directory, { recursive: true, force: true });
  await mkdir(directory, { recursive: true });
  const deadline = AbortSignal.timeout(INSTALL_MS);
  const run: Run = (command, ...args) =>
    execa(command, args, { cwd: directory, cancelSignal: deadline, env: { CGO_ENABLED: "0" } });
  await install(directory, run);
  await writeFile(finished, "");
  return directory;
}
