import {
  consumerSchema,
  gatewaySchema,
  type IntegrationModel,
  serverSchema,
} from "../../components/model/index.ts";
import type { Preview } from "../../review/preview.ts";
import type { Review } from "../../review/verdict.ts";

/** An integration of one server and one consumer, to change in a test. */
export function integration(
  change: {
    server?: Record<string, unknown>;
    consumer?: Record<string, unknown>;
    gateway?: Record<string, unknown>;
    rest?: Partial<IntegrationModel>;
  } = {},
): IntegrationModel {
  const stdio = { package: "npm:@acme/github-mcp@1.2.3" };
  return {
    scope: "integration",
    name: "support",
    target: "local",
    servers: [
      serverSchema.parse({ name: "github", stdio, tools: ["search_code", "delete_repo"], ...change.server }),
    ],
    consumers: [
      consumerSchema.parse({
        name: "support-agent",
        identity: { scope: "support" },
        uses: [{ server: "github", tool: "search_code" }],
        ...change.consumer,
      }),
    ],
    secrets: [],
    gateway: gatewaySchema.parse({ name: "edge", resilience: { timeout: "10s" }, ...change.gateway }),
    ...change.rest,
  };
}

/** A review of a preview in which nothing happens, with what a test adds. */
export function review(preview: Partial<Preview> = {}, catalogue: Partial<Review["catalogue"]> = {}): Review {
  return {
    preview: { stack: "dev", changes: [], operations: {}, effects: [], findings: [], ...preview },
    catalogue: { changes: [], costs: [], ...catalogue },
  };
}
