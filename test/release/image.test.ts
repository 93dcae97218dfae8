import { once } from "node:events";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { isImageGone, manifestUrl } from "../../release/image.ts";

const [there, gone] = ["1", "2"].map((digit) => `sha256:${digit.repeat(64)}`);

test.each([
  ["notes", "https://registry-1.docker.io/v2/library/notes"],
  ["acme/notes", "https://registry-1.docker.io/v2/acme/notes"],
  ["ghcr.io/acme/notes:1.2", "https://ghcr.io/v2/acme/notes"],
  ["localhost:5000/notes", "http://localhost:5000/v2/notes"],
])("the manifest of %s is asked for where its registry has it", (image, url) => {
  expect(manifestUrl(`${image}@${there}`)).toBe(`${url}/manifests/${there}`);
});

describe("a registry", () => {
  let registry: Server;
  let host: string;
  beforeAll(async () => {
    registry = createServer(({ url = "", headers }, response) => {
      if (url.startsWith("/token")) return response.end(JSON.stringify({ token: "anonymous" }));
      const secret = url.includes("/private/");
      if (secret || (url.includes("/public/") && headers.authorization !== "Bearer anonymous"))
        return response
          .writeHead(401, {
            "www-authenticate": `Bearer realm="http://${host}/token",service="test",scope="pull"`,
          })
          .end();
      return response.writeHead(url.endsWith(`${there}`) ? 200 : 404).end();
    }).listen(0, "127.0.0.1");
    await once(registry, "listening");
    host = `127.0.0.1:${(registry.address() as AddressInfo).port}`;
  });
  afterAll(() => void registry.close());

  test.each([
    ["has it", "open/notes", there, false],
    ["has it no more", "open/notes", gone, true],
    ["has it for whoever asks for a token", "public/notes", there, false],
    ["has it no more, for whoever asks for a token", "public/notes", gone, true],
    ["does not say", "private/notes", gone, false],
  ])("%s", async (_, name, digest, expected) => {
    expect(await isImageGone(`${host}/${name}@${digest}`)).toBe(expected);
  });

  test("that can't be reached says nothing", async () => {
    expect(await isImageGone(`127.0.0.1:1/notes@${gone}`)).toBe(false);
  });
});
