import type { IntegrationModel } from "./integration.ts";

/**
 * A model as an earlier version of the framework may have left it in a stack's state, with what that version didn't know:
 * its gateways neither tried again nor had they standbys or issuers.
 */
export function withoutGaps(model: IntegrationModel): IntegrationModel {
  const { servers, gateway, smokeTest } = model;
  return {
    ...model,
    servers: servers.map((server) => ({
      ...server,
      resilience: server.resilience ?? {},
      perTool: server.perTool ?? {},
    })),
    ...(gateway && {
      gateway: {
        ...gateway,
        failover: gateway.failover ?? [],
        auth: { ...gateway.auth, issuers: gateway.auth?.issuers ?? [], mode: gateway.auth?.mode ?? "tokens" },
        resilience: {
          ...gateway.resilience,
          retry: gateway.resilience?.retry ?? false,
          circuitBreaker: gateway.resilience?.circuitBreaker ?? false,
          concurrency: gateway.resilience?.concurrency ?? false,
        },
      },
    }),
    ...(smokeTest && { smokeTest: { ...smokeTest, credentials: smokeTest.credentials ?? {} } }),
  };
}
