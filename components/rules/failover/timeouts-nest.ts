import { z } from "zod";
import { durationSchema } from "../../model/duration.ts";
import { exposedServers, type IntegrationModel, longestCallOf, timeoutOf } from "../../model/integration.ts";
import { resilienceOf } from "../../model/resilience.ts";
import { tunable, type Violation } from "../rule.ts";

function ofServers(model: IntegrationModel, caller: number): Violation[] {
  return exposedServers(model).flatMap((server) => {
    const longest = longestCallOf(server, model);
    if (longest === undefined) return [];
    const { concurrency } = resilienceOf(server, model);
    const timeout = timeoutOf(server, model);
    return [
      ...(longest > caller
        ? [
            {
              path: `server ${server.name}: timeout`,
              reason: `lets a call take ${longest} ms, and callers give up after ${caller} ms: what the server then still does is for nobody`,
            },
          ]
        : []),
      ...(concurrency && timeout !== undefined && concurrency.queue > 0 && concurrency.wait >= timeout
        ? [
            {
              path: `server ${server.name}: resilience.concurrency.wait`,
              reason: `is ${concurrency.wait} ms, and a call has ${timeout} ms in all: it may spend them waiting for its turn`,
            },
          ]
        : []),
    ];
  });
}

/** Whoever is further out waits longer. */
export const timeoutsNest = tunable({
  id: "timeouts-nest",
  concern: "failover",
  title: "No timeout is longer than its caller's",
  severity: "warning",
  enforcedBy: "policy",
  needs: "integration",
  remediation:
    "Shorten what is further in, or lengthen what is further out: client, gateway, wait, server, tool.",
  code: 'new mcp.Gateway("edge", { resilience: { timeout: "10s", concurrency: { wait: "1s" } }, objectives: { availability: 0.99, p95: "800ms" }, … });',
  reference:
    "Google SRE Book, chapter 22, Latency and Deadlines: propagate deadlines; MCP 2026-07-28, Lifecycle, Timeouts",
  parameters: z.strictObject({
    /** How long callers wait; the TypeScript SDK's clients do for a minute. */
    caller: durationSchema.prefault("60s"),
  }),
  check(model, { caller }) {
    const { gateway, smokeTest } = model;
    const timeout = gateway?.resilience.timeout;
    const p95 = gateway?.objectives?.p95;
    const longest = Math.max(0, ...exposedServers(model).map((server) => longestCallOf(server, model) ?? 0));
    return [
      ...ofServers(model, caller),
      ...(timeout !== undefined && p95 !== undefined && p95 > timeout
        ? [
            {
              path: `gateway ${gateway?.name}: objectives.p95`,
              reason: `is ${p95} ms, and no call takes longer than ${timeout} ms: it would hold while every call fails`,
            },
          ]
        : []),
      ...(smokeTest && smokeTest.deadline < longest
        ? [
            {
              path: `smoke test ${smokeTest.name}: deadline`,
              reason: `is ${smokeTest.deadline} ms, and a single call may take ${longest} ms`,
            },
          ]
        : []),
    ];
  },
});
