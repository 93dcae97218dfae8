import { statSync } from "node:fs";
import http from "node:http";
import { join } from "node:path";
import { afterAll, expect, test } from "vitest";
import { SUCCESSOR_PATH } from "../../gateway/handover/control.ts";
import { probe } from "../../gateway/probe.ts";
import { alive, Fixture, gatewayConfig, jsonLines, program, until } from "./fixture.ts";

const fixture = new Fixture();
afterAll(() => fixture.close());

/** An order of a successor on the same configuration, with what a test changes. */
function order(socketPath: string, file: string, listen: { host: string; port: number }, change = {}) {
  const [command, ...args] = program("serve", "--config", file, "--successor");
  const logFile = join(fixture.directory, "successor.log");
  const successor = { command, args, cwd: fixture.directory, env: {}, logFile, listen, ...change };
  const request = http.request({ socketPath, path: SUCCESSOR_PATH, method: "POST" });
  let answer = "";
  const status = new Promise<number | undefined>((resolve) => {
    request.once("response", (response) => {
      response.setEncoding("utf8").on("error", () => {});
      response.on("data", (text) => {
        answer += text;
      });
      resolve(response.statusCode);
    });
  });
  request.on("error", () => {}).write(`${JSON.stringify(successor)}\n`);
  return { request, status, lines: () => jsonLines(answer) };
}

test("a gateway has a door of its own for who runs it, and starts its successor on order", async () => {
  const door = join(fixture.directory, "edge.sock");
  const first = await fixture.gateway({}, {}, ["--control", door]);
  const port = Number(new URL(first.origin).port);
  const listen = { host: "127.0.0.1", port };
  const file = fixture.file(gatewayConfig({ listen, auth: "none" }));
  expect(statSync(door).mode & 0o777).toBe(0o600);
  expect(await probe({ url: `${first.origin}/mcp`, socket: door, timeoutMs: 5000 })).toMatchObject({
    reason: expect.stringContaining("401"),
  });
  // On its port, that door isn't.
  expect((await fetch(`${first.origin}${SUCCESSOR_PATH}`, { method: "POST" })).status).toBe(404);

  // What makes no sense, or no room, harms nobody.
  const senseless = order(door, file, listen, { command: 5 });
  expect(await senseless.status).toBe(400);
  const noRoom = order(door, file, { host: "0.0.0.0", port });
  expect(await noRoom.status).toBe(409);
  const absent = order(door, file, listen, { command: "/absent" });
  await until(() => absent.lines().some(({ error }) => /ENOENT/.test(String(error))));
  for (const { request } of [senseless, noRoom, absent]) request.destroy();

  // Broken off, an order leaves the old one.
  const refused = order(door, file, { host: "127.0.0.1", port: 0 });
  const dismissed = await until(() => refused.lines()[0]?.pid);
  refused.request.destroy();
  await until(() => !alive(Number(dismissed)));
  expect((await fetch(`${first.origin}/live`)).status).toBe(200);

  // Brought to its end, it leaves the successor.
  const accepted = order(door, file, listen);
  const pid = await until(() => accepted.lines()[0]?.pid);
  accepted.request.end();
  expect([await first.exit, first.stderr()]).toEqual([0, ""]);
  expect(alive(Number(pid))).toBe(true);
  process.kill(Number(pid), "SIGKILL");
});
