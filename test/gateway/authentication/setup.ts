import { once } from "node:events";
import type { AddressInfo } from "node:net";
import { createServer } from "node:net";
import { type Config, type Fixture, rawServer } from "../fixture.ts";
import { TOKEN_EXCHANGE } from "./token-exchange.ts";

/** The credentials of the tests' own program. */
export const robot = { id: "robot", secret: "robot-secret" };

/** Its registration, and that of an app that people use. */
export const clients = (redirect: string) => [
  {
    client_id: robot.id,
    client_secret: robot.secret,
    grant_types: ["client_credentials", TOKEN_EXCHANGE.grantType],
    redirect_uris: [],
    response_types: [],
  },
  {
    client_id: "app",
    token_endpoint_auth_method: "none" as const,
    grant_types: ["authorization_code", "refresh_token"],
    redirect_uris: [redirect],
  },
];

/** A server behind the gateway, and consumers who are known by scope, by client, by both, and by nothing. */
export async function backendAndConsumers(fixture: Fixture) {
  const { port } = await fixture.run(rawServer("http")).logged("listening");
  const servers: Config["servers"] = [{ name: "raw", url: `http://127.0.0.1:${port}/mcp`, timeoutMs: 5000 }];
  const has = (...names: string[]) => ({
    tools: names.map((name) => ({ server: "raw", name })),
    prompts: [],
    resources: [],
  });
  const consumers: Config["consumers"] = [
    { name: "searcher", scope: "search", ...has("seen") },
    { name: "writer", scope: "write", ...has("pid") },
    { name: "robots", client: "robot", ...has("cancelled") },
    { name: "admin-robots", scope: "admin", client: "robot", ...has("slow") },
    { name: "admin-apps", scope: "admin", client: "app", ...has("fail") },
  ];
  return { servers, consumers };
}

/** A port that was free a moment ago. */
export async function freePort(): Promise<number> {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, "close");
  return port;
}
