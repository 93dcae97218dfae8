import { resilienceOf } from "../../model/resilience.ts";
import type { Rule } from "../rule.ts";

/** A bound on calls lets every replica have one. */
export const concurrencyForReplicas: Rule = {
  id: "concurrency-for-replicas",
  concern: "failover",
  title: "The bound on calls keeps no replica idle",
  severity: "warning",
  enforcedBy: "component",
  needs: "gateway",
  remediation: "Raise resilience.concurrency.calls, or run fewer replicas.",
  code: 'new mcp.Server("github", { replicas: 4, resilience: { concurrency: { calls: 64 } }, … });',
  reference: "Little's law: calls at once = calls per second × seconds per call",
  check: (model) =>
    model.servers.flatMap((server) => {
      const { concurrency } = resilienceOf(server, model);
      if (!concurrency) return [];
      const calls = concurrency.calls * (model.gateway?.replicas ?? 1);
      const replicas = server.autoscale?.max ?? server.replicas;
      if (calls >= replicas) return [];
      return [
        {
          path: `server ${server.name}: resilience.concurrency.calls`,
          reason: `lets ${calls} calls through at once, to ${replicas} replicas`,
        },
      ];
    }),
};
