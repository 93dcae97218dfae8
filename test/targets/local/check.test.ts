import { chmodSync, mkdirSync, writeFileSync } from "node:fs";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { dirname, join } from "node:path";
import { unknownValue } from "@pulumi/pulumi/runtime/rpc.js";
import { describe, expect } from "vitest";
import { secret } from "../../../components/targets/local/provider/values.ts";
import { freePort, startRegistry, test } from "./fixture.ts";

describe("a preview of a local process", () => {
  test("names every fault at once, and no secret", async ({ directory, resource }) => {
    const { faults } = await resource("Process", "p").check({
      directory: "relative",
      name: "Notes",
      stdio: { command: "no-such-program", args: [1], timeoutMs: 0 },
      http: { args: [], port: 70_000, path: "mcp" },
      env: { KEY: "plain" },
      secretEnv: { KEY: secret("correct horse battery"), "not a name": secret("correct horse") },
      colour: "blue",
    });
    const properties = faults.map((fault) => fault.slice(0, fault.indexOf(": ")));
    expect(properties.toSorted()).toEqual([
      "colour",
      "directory",
      "http",
      "http",
      "http.path",
      "http.port",
      "name",
      "secretEnv.KEY",
      "secretEnv.not a name",
      "stdio.args[0]",
      "stdio.command",
      "stdio.timeoutMs",
    ]);
    expect(faults.join()).toContain('"no-such-program" is not on PATH');
    expect(faults.join()).not.toContain("correct horse");
    expect(directory).toBeDefined();
  });

  test("passes over what isn't known yet, and still has the defaults and the endpoint", async ({
    directory,
    resource,
  }) => {
    const port = await freePort();
    const config = {
      name: "edge",
      listen: { host: "127.0.0.1", port },
      auth: "tokens",
      allowedHosts: ["localhost"],
      allowedOrigins: [],
      servers: [{ name: "notes", url: unknownValue, socket: unknownValue, timeoutMs: 1_000 }],
      consumers: [{ name: "me", tokenSha256: unknownValue, tools: [], prompts: [], resources: [] }],
    };
    const secretEnv = { TOKEN: unknownValue };
    const news = { directory, name: "edge", gateway: { config }, secretEnv, revision: "1" };
    const { inputs, faults } = await resource("Process", "edge").check(news);
    expect(faults).toEqual([]);
    expect(inputs).toMatchObject({
      storage: false,
      startTimeoutMs: 60_000,
      url: `http://127.0.0.1:${port}/mcp`,
      secretEnv,
      gateway: { config: { path: "/mcp", servers: [{ url: unknownValue, headersFromEnv: {} }] } },
    });
    const wrong = {
      ...news,
      gateway: { config: { ...config, auth: "none", listen: { host: "0.0.0.0", port } } },
    };
    expect((await resource("Process", "edge").check(wrong)).faults).toEqual([
      expect.stringMatching(
        /^gateway\.config\.listen\.host: "0\.0\.0\.0" is not loopback and auth is "none"/,
      ),
    ]);
  });

  test("says who has the port, unless it is the process itself", async ({ resource, httpServer }) => {
    const other = createServer().listen(0, "127.0.0.1");
    await new Promise((listening) => other.once("listening", listening));
    const inputs = await httpServer();
    const { port } = other.address() as AddressInfo;
    const taken = { ...inputs, http: { ...(inputs.http as object), port } };
    const server = resource("Process", "everything");
    const { faults } = await server.check(taken);
    expect(faults).toEqual([
      expect.stringMatching(
        new RegExp(`^http\\.port: port ${port} is taken by pid ${process.pid} \\(.*node`),
      ),
    ]);
    await new Promise((closed) => other.close(closed));

    await server.up(inputs);
    expect((await server.check(inputs)).faults).toEqual([]);
    expect((await resource("Process", "b").check({ ...inputs, name: "b" })).faults).toEqual([
      expect.stringMatching(
        /^http\.port: port \d+ is taken by the process "everything" of the same directory/,
      ),
    ]);
    await server.destroy();
  });

  test("refuses a directory that can't be used", async ({ directory, resource, stdioServer }) => {
    const server = resource("Process", "notes");
    mkdirSync(directory, { mode: 0o700 });
    expect((await server.check(stdioServer())).faults).toEqual([]);
    writeFileSync(join(directory, "logs"), "");
    expect((await server.check(stdioServer())).faults).toEqual([
      `directory: ${directory}/logs is a file, not a directory; move it away or choose another directory`,
    ]);
    chmodSync(directory, 0o777);
    expect((await server.check(stdioServer())).faults).toEqual([
      `directory: others may write to ${directory} (mode 777); run: chmod 700 ${directory}`,
    ]);
    const below = join(directory, "logs", "deeper", "still");
    expect((await server.check(stdioServer({ directory: below }))).faults).toEqual([
      `directory: ${below} can't be created: ${join(directory, "logs")} is a file; choose another directory`,
    ]);
  });

  test("asks the registry about a package once, and installs it where interruptions and others can't harm it", async ({
    directory,
    resource,
    stdioServer,
  }) => {
    const parent = dirname(directory);
    const registry = await startRegistry(parent);
    const kept = { ...process.env };
    Object.assign(process.env, {
      npm_config_registry: registry.url,
      npm_config_cache: join(parent, "npm"),
      MCP_INFRA_CACHE: join(parent, "cache"),
    });
    const inputs = (name: string, program: object) =>
      stdioServer({ name, stdio: { ...program, args: [], timeoutMs: 5_000 } });
    const faultsOf = async (program: object) =>
      (await resource("Process", "g").check(inputs("g", program))).faults;
    try {
      expect(await faultsOf({ package: "npm:greeter" })).toEqual([
        'stdio.package: "npm:greeter" is not pinned to one version; write npm:name@1.2.3',
      ]);
      const [missing, noPackage, several, wrong] = await Promise.all([
        faultsOf({ package: "npm:greeter@9.9.9" }),
        faultsOf({ package: "npm:not-there@1.0.0" }),
        faultsOf({ package: "npm:greeter@1.0.0" }),
        faultsOf({ package: "npm:greeter@1.0.0", bin: "shout" }),
      ]);
      expect(missing.join()).toContain("the npm package greeter has no version 9.9.9");
      expect(noPackage.join()).toContain("the npm registry has no package not-there");
      expect(several).toEqual([
        "stdio.package: greeter@1.0.0 has several commands; choose with `bin`: greet, wave",
      ]);
      expect(wrong).toEqual(['stdio.bin: greeter@1.0.0 has no command "shout"; it has greet, wave']);

      // What lies in the folder that this happens to run in says nothing about where packages come from.
      const workingDirectory = process.cwd();
      const unasked = registry.requests.length;
      writeFileSync(join(parent, "package.json"), "{}");
      writeFileSync(join(parent, ".npmrc"), "@acme:registry=http://127.0.0.1:1/\n");
      process.chdir(parent);
      const elsewhere = await faultsOf({ package: "npm:@acme/greeter@1.0.0" });
      process.chdir(workingDirectory);
      expect(elsewhere.join()).toContain("the npm registry has no package @acme/greeter");
      expect(registry.requests.slice(unasked)).toEqual(["/@acme%2fgreeter"]);

      const program = { package: "npm:greeter@1.0.0", bin: "greet" };
      const [one, two] = [resource("Process", "one"), resource("Process", "two")];
      await Promise.all([one.up(inputs("one", program)), two.up(inputs("two", program))]);
      expect(registry.requests.filter((path) => path.endsWith(".tgz"))).toHaveLength(1);
      registry.close();

      // From here on the registry is out of reach: what is in the cache needs none, the rest is no fault.
      expect(await one.preview(inputs("one", program))).toMatchObject({ changes: false });
      expect(await faultsOf({ package: "npm:elsewhere@2.0.0" })).toEqual([]);
      await Promise.all([one.destroy(), two.destroy()]);
    } finally {
      registry.close();
      for (const name of ["npm_config_registry", "npm_config_cache", "MCP_INFRA_CACHE"]) {
        if (kept[name] === undefined) delete process.env[name];
        else process.env[name] = kept[name];
      }
    }
  });
});
