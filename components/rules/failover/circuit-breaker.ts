import { exposedServers } from "../../model/integration.ts";
import { resilienceOf } from "../../model/resilience.ts";
import type { Rule } from "../rule.ts";

/** Who fails is left alone for a while. */
export const circuitBreaker: Rule = {
  id: "circuit-breaker",
  concern: "failover",
  title: "Every server has a circuit breaker",
  severity: "error",
  enforcedBy: "policy",
  needs: "gateway",
  remediation: "Leave circuitBreaker out, which has sensible values, or say which: failures and cooldown.",
  code: 'new mcp.Gateway("edge", { resilience: { timeout: "10s", circuitBreaker: { failures: 5, cooldown: "10s" } }, … });',
  reference:
    "Michael Nygard, Release It!, Circuit Breaker; Google SRE Book, chapter 22, Addressing Cascading Failures",
  check: (model) =>
    exposedServers(model)
      .filter((server) => resilienceOf(server, model).circuitBreaker === false)
      .map((server) => ({
        path: `server ${server.name}: resilience.circuitBreaker`,
        reason: "is off: while the server hangs, every call to it takes its whole timeout, and a connection",
      })),
};
