import http from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { lineMasker } from "../../gateway/bridge/masking.ts";
import { callMessage, consumer, Fixture, type Program, post, rpc, tools, until } from "./fixture.ts";

const fixture = new Fixture();
/** Nothing about it looks like a key; it is known by the variable that it is in. */
const key = "correct horse/battery+staple";
const forms = [key, encodeURIComponent(key), Buffer.from(key).toString("base64").slice(0, 16)];
const spilling = [process.execPath, join(import.meta.dirname, "spilling-server.ts")];
const bridge = (name: string, ...rest: string[]) =>
  fixture.bridge(name, [...spilling, ...rest], [], { UPSTREAM_API_KEY: key });

/** A web server that is no MCP server and spills by all that an HTTP answer has. */
const web = http.createServer((_request, response) => {
  response.writeHead(302, {
    location: `/login/token=${encodeURIComponent(key)}`,
    "content-type": "text/html",
  });
  response.end(`<p>${key}`);
});

let server: Program;
let gateway: Program & { origin: string };

beforeAll(async () => {
  await new Promise<void>((done) => web.listen(0, "127.0.0.1", done));
  const started = bridge("spilling");
  await started.logged("listening");
  server = started;
  gateway = await fixture.gateway({
    servers: [
      { name: "spilling", url: "http://localhost/mcp", socket: started.socket, timeoutMs: 2000 },
      {
        name: "web",
        url: `http://127.0.0.1:${(web.address() as AddressInfo).port}/mcp`,
        timeoutMs: 2000,
      },
    ],
    consumers: [consumer("agent", { tools: [...tools("spilling"), ...tools("web")] })],
  });
});
afterAll(async () => {
  web.close();
  await fixture.close();
});

const call = (tool: string) =>
  post(gateway.origin, callMessage(tool, { password: "hunter2-argument" }), {
    authorization: "Bearer agent-token",
  });
const page = async (path: string) => (await fetch(`${gateway.origin}${path}`)).text();

describe("a server that keeps nothing to itself", () => {
  test("its error reaches the caller, whose business it is, and no log, metric or page", async () => {
    const { error } = await rpc(call("spilling__spill"));
    expect(error?.message).toContain(key);
    await call("web__any");
    await until(() => gateway.stdout().includes('"audit":true'));
    const seen = [gateway.stdout(), gateway.stderr()];
    for (const path of ["/health", "/metrics", "/status", "/status.json"]) seen.push(await page(path));
    expect(seen.join("\n")).toContain("spill");
    for (const secret of [...forms, "hunter2-argument", "agent-token"]) {
      expect(seen.join("\n")).not.toContain(secret);
    }
  });

  test("what it writes is in the bridge's log without the key, and still tells what happened", async () => {
    await call("spilling__spill");
    const log = await until(() => (/calling the API.*\n.*GET/.test(server.stderr()) ? server.stderr() : ""));
    expect(log).toContain("calling the API with [secret]");
    expect(log).toContain("(not a message, on standard output) debug: the key is [secret]");
    for (const secret of forms) expect(log).not.toContain(secret);
  });

  test("nor is it in its last words", async () => {
    await call("spilling__die");
    await server.exit;
    expect(server.stderr()).toContain("the server ended with exit code 1; its last lines: ");
    for (const secret of forms) expect(server.stderr()).not.toContain(secret);
  });

  test("nor in what is said of a handshake that it refuses", async () => {
    const refusing = bridge("refusing", "refuse");
    expect(await refusing.exit).toBe(1);
    expect(refusing.stderr()).toContain("refused the handshake: upstream refused [secret]");
    for (const secret of forms) expect(refusing.stderr()).not.toContain(secret);
  });
});

describe("a line of a server's log", () => {
  const env = {
    GITHUB_TOKEN: "tok-by-name",
    DB_PASSWORD: 'qu"ote\nsecond line of it',
    DATABASE_URL: "postgres://app:pa55word@db/app",
    LOG_LEVEL: "information",
    HOME: "/home/somebody",
    API_KEY: "short",
  };
  const mask = lineMasker(env);

  test.each([
    ["the value of a variable that is named so", "using tok-by-name now", "using [secret] now"],
    ["in Base64, too", `Basic ${btoa("x:tok-by-name")}`, "Basic ***"],
    ["each line of a secret of several", "read: second line of it", "read: [secret]"],
    ["as JSON has it", '{"p":"qu\\"ote\\nsecond line of it"}', '{"p":"[secret]"}'],
    ["a connection string", "to postgres://app:pa55word@db/app", "to [secret]"],
    ["somebody else's connection string", "to redis://:hunter2@cache/0", "to redis://***@cache/0"],
    ["a bearer token", "sent Authorization: Bearer abc.def", "sent Authorization: Bearer ***"],
    ["a key by its look", "ghp_0123456789abcdef is refused", "*** is refused"],
    ["what is no secret", "information from /home/somebody: short", "information from /home/somebody: short"],
    [
      "ids and times, which people search for",
      "2026-11-23T05:18:42.123Z 0b9ad1f4-7d52-4c4f-9d5e-0c3f5a2e9f11 ok",
      "2026-11-23T05:18:42.123Z 0b9ad1f4-7d52-4c4f-9d5e-0c3f5a2e9f11 ok",
    ],
  ])("%s", (_, line, masked) => {
    expect(mask(line)).toBe(masked);
  });

  test("an endless one is cut, in no time", () => {
    const began = performance.now();
    expect(mask("token".repeat(100_000)).length).toBeLessThan(17_000);
    expect(mask("-----BEGIN ".repeat(10_000)).length).toBeLessThan(17_000);
    expect(performance.now() - began).toBeLessThan(1000);
  });
});
