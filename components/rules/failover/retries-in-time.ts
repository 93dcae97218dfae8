import { timeoutOf } from "../../model/integration.ts";
import { resilienceOf } from "../../model/resilience.ts";
import type { Rule } from "../rule.ts";

/** All tries of a call share its one deadline. */
export const retriesInTime: Rule = {
  id: "retries-in-time",
  concern: "failover",
  title: "Every retry fits in the time that a call has",
  severity: "warning",
  enforcedBy: "component",
  needs: "gateway",
  remediation: "Allow more time, fewer attempts or shorter pauses; or switch retry off for the server.",
  code: 'new mcp.Server("notes", { timeout: "10s", resilience: { retry: { attempts: 3, backoff: "50ms" } }, … });',
  reference: "Google SRE Book, Addressing Cascading Failures: retries are bounded by the call's deadline",
  check: (model) =>
    model.servers.flatMap((server) => {
      const timeout = timeoutOf(server, model);
      const { retry } = resilienceOf(server, model);
      if (!retry || timeout === undefined) return [];
      const { attempts, backoff, maxBackoff } = retry;
      const pauses = Array.from({ length: attempts - 1 }, (_, index) =>
        Math.min(backoff * 2 ** index, maxBackoff),
      );
      const total = pauses.reduce((sum, pause) => sum + pause, 0);
      if (total < timeout) return [];
      return [
        {
          path: `server ${server.name}: resilience.retry`,
          reason: `pauses ${total} ms between ${attempts} attempts, and a call has ${timeout} ms in all: the last is never made`,
        },
      ];
    }),
};
