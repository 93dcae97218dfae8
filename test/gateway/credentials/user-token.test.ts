import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, test } from "vitest";
import { AuthorizationServer } from "../../../gateway/credentials/authorization-server.ts";
import { FileTokenStore } from "../../../gateway/credentials/file-token-store.ts";
import { UserToken } from "../../../gateway/credentials/user-token.ts";
import { createLogger } from "../../../gateway/logging.ts";

const directory = mkdtempSync(join(tmpdir(), "mcp-tokens-"));
afterAll(() => rmSync(directory, { recursive: true }));

const client = { issuer: "http://127.0.0.1:1", clientId: "gateway" };
const owner = { server: "hub", subject: "alice", resource: "https://hub.example.com/mcp", ...client };
const store = new FileTokenStore(directory, "a key of more than thirty-two characters", createLogger("test"));
const token = new UserToken({
  owner,
  store,
  target: { resource: owner.resource, scopes: ["search"] },
  authorizationServer: new AuthorizationServer(client),
  pageFor: () => "http://127.0.0.1/connect/hub",
});

test("what a server refuses is forgotten, but not what a person has consented to meanwhile", async () => {
  await store.write(owner, { accessToken: "new" });
  await token.refused("old", { status: 401, scopes: [] }, true);
  expect(await token.token()).toBe("new");
  await expect(token.refused("new", { status: 401, scopes: [] }, true)).rejects.toThrow("/connect/hub");
  expect(await store.read(owner)).toBeUndefined();
});
