import { consumerSchema } from "../components/model/consumer.ts";
import { gatewaySchema } from "../components/model/gateway.ts";
import {
  alertingSchema,
  type IntegrationModel,
  requirementsSchema,
  secretStoreSchema,
  smokeTestSchema,
} from "../components/model/integration.ts";
import { serverSchema } from "../components/model/server.ts";

/**
 * A complete integration that keeps every rule: a stdio server with storage, an HTTP server with replicas and
 * a secret, a remote server with a credential, two consumers. Fresh at each call, so that a test may change it.
 */
export function exampleModel(): Required<IntegrationModel> {
  return {
    scope: "integration",
    name: "support",
    target: "local",
    requirements: requirementsSchema.parse({
      purpose: "Support agents answer customers from tickets, notes and code.",
      owner: "team-support",
    }),
    servers: [
      serverSchema.parse({
        name: "notes",
        stdio: {
          package: "npm:@modelcontextprotocol/server-filesystem@2026.8.31",
          args: ["{{mcp.data}}"],
        },
        storage: true,
        tools: ["read_file", "write_file", "list_directory"],
      }),
      serverSchema.parse({
        name: "github",
        http: {
          image: `ghcr.io/github/github-mcp-server@sha256:${"0123456789abcdef".repeat(4)}`,
          port: 8082,
          sessions: false,
        },
        env: { GITHUB_TOKEN: { store: "vault", key: "githubToken" } },
        replicas: 2,
        timeout: "20s",
        tools: ["search_code", "get_issue"],
      }),
      serverSchema.parse({
        name: "tickets",
        remote: {
          url: "https://tickets.example.com/mcp",
          headers: { Authorization: { store: "vault", key: "ticketsKey" } },
        },
        tools: ["find_ticket"],
      }),
    ],
    consumers: [
      consumerSchema.parse({
        name: "support-agent",
        identity: { scope: "support" },
        uses: [
          {
            server: "github",
            tool: "search_code",
            arguments: { query: "repo:acme/app readme" },
            expect: { contains: "README" },
          },
          { server: "notes", tool: "read_file" },
          { server: "notes", tool: "list_directory" },
          { server: "tickets", tool: "find_ticket", arguments: { id: 7 } },
        ],
      }),
      consumerSchema.parse({
        name: "triage-bot",
        identity: { scope: "triage" },
        uses: [{ server: "github", tool: "get_issue", arguments: { number: 1 } }],
      }),
    ],
    secrets: [
      secretStoreSchema.parse({ name: "vault", given: ["githubToken", "ticketsKey"], generated: [] }),
    ],
    gateway: gatewaySchema.parse({
      name: "edge",
      resilience: { timeout: "10s" },
      objectives: { availability: 0.999, p95: "800ms" },
    }),
    alerting: alertingSchema.parse({ name: "alerts" }),
    smokeTest: smokeTestSchema.parse({ name: "smoke" }),
  };
}
