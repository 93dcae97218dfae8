import { timeoutOf } from "../../model/integration.ts";
import type { Rule } from "../rule.ts";

/** No call waits for ever. */
export const serverTimeout: Rule = {
  id: "server-timeout",
  concern: "failover",
  title: "Every server has a timeout",
  severity: "error",
  enforcedBy: "policy",
  needs: "gateway",
  remediation: 'Set the server\'s timeout ("10s"), or resilience.timeout of the gateway for all its servers.',
  code: 'new mcp.Gateway("edge", { resilience: { timeout: "10s" }, … });',
  reference:
    "MCP 2026-07-28, Lifecycle, Timeouts: implementations SHOULD establish timeouts for all sent requests",
  check: (model) =>
    model.servers
      .filter((server) => timeoutOf(server, model) === undefined)
      .map((server) => ({
        path: `server ${server.name}: timeout`,
        reason:
          "is not set, nor is the gateway's: one hanging call holds an agent until it gives up by itself",
      })),
};
