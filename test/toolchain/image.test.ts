import { execFileSync } from "node:child_process";
import {
  chmodSync,
  copyFileSync,
  cpSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  realpathSync,
  writeFileSync,
} from "node:fs";
import { type AddressInfo, createServer } from "node:net";
import { dirname, join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { copiedRuntime } from "../../gateway/runtime/copied.ts";
import { buildImage } from "../../toolchain/image/index.ts";
import { containerConfig } from "../../toolchain/image/layout.ts";
import {
  alive,
  callMessage,
  consumer,
  Fixture,
  gatewayConfig,
  type Program,
  post,
  rpc,
  tools,
  until,
} from "../gateway/fixture.ts";
import { endInRoot, inRoot, unpack } from "./unpacked-image.ts";

const fixture = new Fixture();
afterAll(() => fixture.close());

const memory = "npm:@modelcontextprotocol/server-memory@2026.8.31";
const everything = "npm:@modelcontextprotocol/server-everything@2026.8.31";
const isLinux = process.platform === "linux";
/** Another root file system can be had by root alone. */
const isRoot = isLinux && process.getuid?.() === 0;

test.runIf(isLinux)("the same inputs make the same image, wherever and by whomever it is built", async () => {
  const before = { cache: process.env.MCP_INFRA_CACHE, umask: process.umask() };
  const builds: Awaited<ReturnType<typeof buildImage>>[] = [];
  for (const [name, umask] of [
    ["one", 0o022],
    ["two", 0o077],
  ] as const) {
    try {
      process.env.MCP_INFRA_CACHE = join(fixture.directory, name);
      process.umask(umask);
      builds.push(await buildImage({ packages: [] }));
    } finally {
      process.umask(before.umask);
      if (before.cache === undefined) delete process.env.MCP_INFRA_CACHE;
      else process.env.MCP_INFRA_CACHE = before.cache;
    }
  }
  expect(builds[0]?.reference).toMatch(/^mcp-infra\.local\/mcp-infra@sha256:[0-9a-f]{64}$/);
  expect(builds[0]?.reference).toBe(builds[1]?.reference);
  const [one, two] = builds.map(({ tar }) => readFileSync(tar));
  expect(one?.equals(two ?? Buffer.alloc(0))).toBe(true);
});

test("only a pinned version can be in an image", async () => {
  await expect(buildImage({ packages: ["npm:some-server"] })).rejects.toThrow(
    "npm:some-server: expected the form npm:name@1.2.3",
  );
});

test("the Dockerfile makes a container of the same kind", () => {
  const text = readFileSync("gateway/Dockerfile", "utf8");
  const entry = JSON.parse(/^ENTRYPOINT (.+)$/m.exec(text)?.[1] ?? "");
  expect(entry).toEqual(containerConfig.Entrypoint);
  expect(/^USER (.+)$/m.exec(text)?.[1]).toBe(containerConfig.User);
  expect(/^ENV (.+)$/m.exec(text)?.[1]?.split(" ")).toEqual(containerConfig.Env);
  expect(text).toMatch(/^ARG NODE_IMAGE=node:24-\S+@sha256:[0-9a-f]{64}$/m);
});

describe.runIf(isRoot)("in the image, read-only and as nobody", () => {
  let root: string;
  const volume = join(fixture.directory, "volume");
  const running: Program[] = [];
  const start = (image: string, command: string[], variables?: string[]) => {
    const started = fixture.run(inRoot(image, volume, command, variables));
    running.push(started);
    return started;
  };
  const container = (args: string[], variables?: string[]) =>
    start(root, [...containerConfig.Entrypoint, ...args], variables);
  afterAll(() => {
    for (const { pid } of running) if (alive(pid)) endInRoot(pid);
  });

  beforeAll(async () => {
    const image = await buildImage({ packages: [memory, everything, memory] });
    expect(image.packages).toEqual([everything, memory]);
    const unpacked = unpack(image.tar, join(fixture.directory, "image"));
    expect(unpacked.config.config).toEqual(containerConfig);
    expect(unpacked.index.manifests[0].annotations["io.containerd.image.name"]).toBe(image.reference);
    root = unpacked.root;
    mkdirSync(volume);
    chmodSync(volume, 0o777);
    chmodSync(fixture.directory, 0o755);
  });

  test("there is nothing but Node, the program and the servers", () => {
    expect(readdirSync(root).sort()).toEqual(
      expect.arrayContaining(["app", "etc", "lib", "packages", "tmp", "usr"]),
    );
    const packages = readdirSync(join(root, "app", "node_modules"));
    expect(packages).toEqual(expect.arrayContaining(["jose", "openid-client", "pino", "undici", "zod"]));
    expect(packages.filter((name) => /pulumi|kubernetes|execa|typescript/.test(name))).toEqual([]);
    const files = readdirSync(join(root, "packages"), { recursive: true, encoding: "utf8" });
    expect(files.filter((file) => /(^|\/)\.?package-lock\.json$/.test(file))).toEqual([]);
  });

  test("the gateway serves a stdio server behind the bridge and an HTTP server, both from packages", async () => {
    const bridge = container(["bridge", "--name", "memory", "--listen", "127.0.0.1:0", "--package", memory]);
    const http = await freePort();
    container(["run", "--package", everything, "--", "streamableHttp"], [`PORT=${http}`]);
    const url = `http://127.0.0.1:${http}/mcp`;
    const probe = container(["probe", "--listen", "127.0.0.1:0", "--url", url]);
    const { port: probePort } = await probe.logged("listening");
    const ready = async () => (await fetch(`http://127.0.0.1:${probePort}/ready`)).status === 200;
    await until(ready);
    const { port } = await bridge.logged("listening");
    const gateway = gatewayConfig({
      servers: [
        { name: "memory", url: `http://127.0.0.1:${port}/mcp`, timeoutMs: 5000 },
        { name: "everything", url, timeoutMs: 5000 },
      ],
      consumers: [consumer("agent", { tools: [...tools("memory"), ...tools("everything", "echo")] })],
      // What is imported only when it is asked for has to be there too.
      tracing: { endpoint: "http://127.0.0.1:9/v1/traces", ratio: 1 },
    });
    writeFileSync(join(volume, "gateway.json"), JSON.stringify(gateway));
    const serve = container(["serve", "--config", "/volume/gateway.json"]);
    const { port: edge } = await serve.logged("listening");
    const call = (tool: string, args = {}) =>
      rpc(post(`http://127.0.0.1:${edge}`, callMessage(tool, args), { authorization: "Bearer agent-token" }));
    expect((await call("memory__read_graph")).result).toMatchObject({ structuredContent: { entities: [] } });
    expect((await call("everything__echo", { message: "hello" })).result?.content?.[0]?.text).toContain(
      "hello",
    );
  });

  test("the runtime is copied to run the bridge in an image that has no Node", async () => {
    const copy = container(["copy-runtime", "--to", "/volume/runtime"]);
    expect(await copy.exit).toBe(0);
    const foreign = foreignImage(join(fixture.directory, "foreign"));
    const command = [
      ...copiedRuntime("/volume/runtime"),
      "bridge",
      "--name",
      "shell",
      "--listen",
      "127.0.0.1:0",
    ];
    const bridge = start(foreign, [...command, "--", "/bin/sh", "/server.sh"]);
    const { port, server } = await bridge.logged("listening");
    expect(server).toBe("shell");
    const { result } = await rpc(post(`http://127.0.0.1:${port}`, callMessage("library_path")));
    expect(result?.content?.[0]?.text).toBe("none");

    // A package on a volume runs there as well, with the Node that was copied.
    cpSync(join(root, "packages"), join(volume, "packages"), { recursive: true, verbatimSymlinks: true });
    const options = ["--listen", "127.0.0.1:0", "--package", memory, "--package-store", "/volume/packages"];
    const other = start(foreign, [...copiedRuntime("/volume/runtime"), "bridge", "--name", "x", ...options]);
    expect(await other.logged("listening")).toMatchObject({ server: "memory-server" });
  });
});

async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((done) => server.listen(0, "127.0.0.1", done));
  const { port } = server.address() as AddressInfo;
  await new Promise((done) => server.close(done));
  return port;
}

/** The root file system of an image that has a shell, what that is linked to, and a stdio server for it. */
function foreignImage(root: string): string {
  const shell = realpathSync("/bin/sh");
  const linked = execFileSync("ldd", [shell], { encoding: "utf8" }).match(/\/\S+/g) ?? [];
  for (const file of [shell, ...linked]) {
    const path = join(root, file === shell ? "/bin/sh" : file);
    mkdirSync(dirname(path), { recursive: true });
    copyFileSync(file, path);
  }
  writeFileSync(join(root, "server.sh"), shellServer);
  return root;
}

const shellServer = `
while read -r line; do
  rest=\${line#*\\"id\\":}
  id=\${rest%%,*}
  case $line in
    *'"initialize"'*) result='{"protocolVersion":"2025-06-18","capabilities":{"tools":{}},"serverInfo":{"name":"shell","version":"1"}}' ;;
    *'"tools/call"'*) result='{"content":[{"type":"text","text":"'\${LD_LIBRARY_PATH-none}'"}]}' ;;
    *'"id"'*) result='{}' ;;
    *) continue ;;
  esac
  echo '{"jsonrpc":"2.0","id":'$id',"result":'$result'}'
done
`;
