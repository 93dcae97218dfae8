import { mkdirSync, symlinkSync, writeFileSync } from "node:fs";
import http from "node:http";
import type { AddressInfo } from "node:net";
import { dirname, join, resolve } from "node:path";
import { afterAll, expect, test } from "vitest";
import { copiedRuntime } from "../../gateway/runtime/copied.ts";
import { callMessage, Fixture, post, program, rawServer, rpc, until } from "./fixture.ts";

const fixture = new Fixture();
afterAll(() => fixture.close());

/** A package store as the image has one. */
const store = join(fixture.directory, "packages");
const inStore = ["--package-store", store];

function stored(name: string, bin: Record<string, string>, files: Record<string, string>) {
  const root = join(store, "npm", `${name}@1.0.0`, "node_modules", name);
  const all = { "package.json": JSON.stringify({ name, version: "1.0.0", bin }), ...files };
  for (const [file, text] of Object.entries(all)) {
    mkdirSync(dirname(join(root, file)), { recursive: true });
    writeFileSync(join(root, file), text, { mode: 0o755 });
  }
}

const talker = `#!/usr/bin/env node
process.on("SIGTERM", () => process.exit(7));
console.log(JSON.stringify({ msg: "started", arguments: process.argv.slice(2), node: process.execPath, port: process.env.PORT }));
setInterval(() => {}, 1000);
`;

test("an HTTP server that is a package runs with the image's Node, gets what it is sent, and ends with its own code", async () => {
  stored("@acme/talker", { talker: "bin/talker.js" }, { "bin/talker.js": talker });
  const server = fixture.run(
    program("run", "--package", "npm:@acme/talker@1.0.0", ...inStore, "--", "--port", "1"),
    {
      PORT: "8082",
      PATH: "/nowhere",
    },
  );
  expect(await server.logged("started")).toMatchObject({
    arguments: ["--port", "1"],
    node: process.execPath,
    port: "8082",
  });
  server.signal("SIGTERM");
  expect(await server.exit).toBe(7);
});

test("a package's command may be a program of another kind", async () => {
  const files = {
    "a.js": talker,
    "b.sh": '#!/bin/sh\necho "{\\"msg\\":\\"started\\",\\"shell\\":\\"$1\\"}"\n',
  };
  stored("several", { a: "a.js", b: "b.sh" }, files);
  const several = ["run", "--package", "npm:several@1.0.0", ...inStore];
  const shell = fixture.run(program(...several, "--bin", "b", "--", "yes"));
  expect(await shell.exit).toBe(0);
  expect(shell.stdout()).toContain('"shell":"yes"');
  const unclear = fixture.run(program(...several));
  expect(await unclear.exit).toBe(78);
  expect(unclear.stderr()).toBe("run: several@1.0.0 has several commands; choose with `bin`: a, b\n");
});

test("a package that the image does not have is named, with those that it has", async () => {
  stored("present", { present: "a.js" }, { "a.js": talker });
  const bridge = ["bridge", "--name", "x", "--listen", "127.0.0.1:0"];
  for (const mode of [bridge, ["run"]]) {
    const missing = fixture.run(program(...mode, "--package", "npm:@acme/absent@2.0.0", ...inStore));
    expect(await missing.exit).toBe(78);
    expect(missing.stderr()).toMatch(
      /^(bridge|run): npm:@acme\/absent@2\.0\.0 is not in this image; build the image with it: .+npm:present@1\.0\.0.*\n$/,
    );
  }
  const unpinned = fixture.run(program("run", "--package", "npm:present", ...inStore));
  expect(await unpinned.exit).toBe(64);
  expect(unpinned.stderr()).toContain("expected the form npm:name@1.2.3");
});

test("a stdio server that is a package is served by the bridge", async () => {
  const name = "@modelcontextprotocol/server-memory";
  const folder = join(store, "npm", `${name}@2026.8.31`);
  mkdirSync(folder, { recursive: true });
  symlinkSync(resolve("node_modules"), join(folder, "node_modules"));
  const from = ["--package", `npm:${name}@2026.8.31`, ...inStore];
  const bridge = fixture.run(program("bridge", "--name", "memory", "--listen", "127.0.0.1:0", ...from), {
    MEMORY_FILE_PATH: join(fixture.directory, "memory.jsonl"),
    PATH: "/nowhere",
  });
  const { port } = await bridge.logged("listening");
  const origin = `http://127.0.0.1:${port}`;
  expect((await rpc(post(origin, callMessage("read_graph")))).result).toMatchObject({
    structuredContent: { entities: [] },
  });
  expect((await fetch(`${origin}/live`)).status).toBe(200);
  expect((await fetch(`${origin}/health`)).status).toBe(200);
});

test("a probe tells a kubelet what a server says in MCP", async () => {
  const server = fixture.run(rawServer("http-session"));
  const { port } = await server.logged("listening");
  const options = ["--listen", "127.0.0.1:0", "--url", `http://127.0.0.1:${port}/mcp`, "--timeout", "1000"];
  const probe = fixture.run(program("probe", ...options));
  const { port: own } = await probe.logged("listening");
  const ask = async (path: string) => {
    const answer = await fetch(`http://127.0.0.1:${own}${path}`);
    return { status: answer.status, body: await answer.text() };
  };
  const well = { ok: true, era: "legacy", protocolVersion: "2025-11-25", name: "raw", version: "1" };
  for (const path of ["/live", "/ready"]) {
    expect(await ask(path)).toEqual({ status: 200, body: `${JSON.stringify(well)}\n` });
  }
  expect((await ask("/")).status).toBe(404);
  server.signal("SIGKILL");
  expect(await until(async () => (await ask("/ready")).status === 503 && ask("/live"))).toEqual({
    status: 503,
    body: '{"ok":false,"reason":"nothing listens there (connection refused)"}\n',
  });
  probe.signal("SIGTERM");
  expect(await probe.exit).toBe(0);
});

test("probes do not pile up in front of a slow server", async () => {
  let asked = 0;
  const server = http.createServer((_request, response) => {
    asked++;
    setTimeout(() => response.writeHead(200, { "content-type": "text/plain" }).end("no MCP"), 300);
  });
  await new Promise<void>((done) => server.listen(0, "127.0.0.1", done));
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/mcp`;
  const probe = fixture.run(program("probe", "--listen", "127.0.0.1:0", "--url", url));
  const { port } = await probe.logged("listening");
  const answers = await Promise.all(
    Array.from({ length: 30 }, async (_, index) =>
      (await fetch(`http://127.0.0.1:${port}/${index % 2 ? "live" : "ready"}`)).text(),
    ),
  );
  expect(new Set(answers)).toEqual(
    new Set(['{"ok":false,"reason":"answers HTTP but is no MCP server: HTTP 200 text/plain"}\n']),
  );
  expect(asked).toBe(2); // one question in each era
  server.close();
});

test("a command line that can't be used is answered with the usage", async () => {
  const wrong: [string[], string][] = [
    [[], "gateway: no mode given"],
    [["fly"], 'gateway: there is no mode "fly"'],
    [["serve"], "gateway: serve needs --config FILE"],
    [
      ["serve", "--config", "x", "--drain", "soon"],
      "gateway: --drain soon: expected a positive whole number",
    ],
    [["run", "--package", "npm:a@1.0.0", "--loud"], "run: Unknown option '--loud'"],
    [["probe", "--listen", "8080", "--url", "http://x/mcp"], "probe: --listen 8080: expected HOST:PORT"],
    [["probe", "--listen", "127.0.0.1:0", "--url", "x"], "probe: --url x: is no URL"],
    [["bridge", "--name", "x", "--listen", "127.0.0.1:0"], "bridge: the server is missing: -- COMMAND"],
    [["copy-runtime"], "copy-runtime: copy-runtime needs --to DIR"],
  ];
  await Promise.all(
    wrong.map(async ([args, reason]) => {
      const run = fixture.run(program(...args));
      expect(await run.exit).toBe(64);
      expect(run.stderr()).toContain(reason);
      expect(run.stderr()).toContain("Usage:\n");
    }),
  );
});

test("the copied runtime is called by a command line that needs nothing of the image it runs in", () => {
  expect(copiedRuntime("/mcp-infra")).toEqual([
    "/mcp-infra/lib/loader",
    "--library-path",
    "/mcp-infra/lib",
    "/mcp-infra/node",
    "/mcp-infra/app/gateway/main.js",
  ]);
});
