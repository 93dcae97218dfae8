import type { z } from "zod";
import { consumerSchema } from "../../components/model/consumer.ts";
import { gatewaySchema } from "../../components/model/gateway.ts";
import type { IntegrationModel } from "../../components/model/integration.ts";
import { serverSchema } from "../../components/model/server.ts";

/** The parts of a model that a smoke test reads. */
export interface ModelParts {
  servers: Omit<z.input<typeof serverSchema>, "stdio">[];
  consumers: z.input<typeof consumerSchema>[];
  gateway?: Omit<z.input<typeof gatewaySchema>, "name">;
}

/** A resolved model, from the parts that a test is about. */
export function modelOf({ servers, consumers, gateway }: ModelParts): IntegrationModel {
  return {
    scope: "gateway",
    name: "edge",
    target: "local",
    secrets: [],
    servers: servers.map((server) => serverSchema.parse({ ...server, stdio: { command: "serve" } })),
    consumers: consumers.map((consumer) => consumerSchema.parse(consumer)),
    gateway: gatewaySchema.parse({ name: "edge", ...gateway }),
  };
}
