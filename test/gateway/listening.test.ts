import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { expect, test } from "vitest";
import { EVERY_ADDRESS, listening } from "../../gateway/http/listening.ts";

/** Stands for a machine whose kernel has no IPv6. */
function withoutIpv6() {
  const server = createServer((_, response) => response.end("ok"));
  const listen = server.listen.bind(server) as (...args: unknown[]) => typeof server;
  server.listen = ((port: number, host: string, done: () => void) => {
    if (!host.includes(":")) return listen(port, host, done);
    setImmediate(() => server.emit("error", Object.assign(new Error("no IPv6"), { code: "EAFNOSUPPORT" })));
    return server;
  }) as typeof server.listen;
  return server;
}

test.each([
  ["as it is", () => createServer((_, response) => response.end("ok"))],
  ["without IPv6", withoutIpv6],
])("every address of a machine %s is listened on, IPv4 among them", async (_, make) => {
  const server = make();
  await listening(server, { host: EVERY_ADDRESS, port: 0 });
  const { port } = server.address() as AddressInfo;
  await expect(fetch(`http://127.0.0.1:${port}`).then((answer) => answer.text())).resolves.toBe("ok");
  server.close();
});

test("one address that can't be had is an error, and so is a port that is taken", async () => {
  const first = createServer();
  await listening(first, { host: EVERY_ADDRESS, port: 0 });
  const { port } = first.address() as AddressInfo;
  await expect(listening(createServer(), { host: EVERY_ADDRESS, port })).rejects.toThrow(/EADDRINUSE/);
  await expect(listening(createServer(), { host: "203.0.113.9", port: 0 })).rejects.toThrow(/EADDRNOTAVAIL/);
  first.close();
});
