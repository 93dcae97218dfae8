import { isLoopback } from "../../model/hosts.ts";
import type { Rule } from "../rule.ts";

/** A gateway that others than this machine can reach asks every caller who it is. */
export const gatewayAuthentication: Rule = {
  id: "gateway-authentication",
  concern: "security",
  title: "A gateway beyond loopback authenticates its callers",
  severity: "error",
  enforcedBy: "component",
  needs: "gateway",
  remediation: 'Set auth: { mode: "tokens" }; without it, use the local target and listen on 127.0.0.1.',
  code: 'new mcp.Gateway("edge", { auth: { mode: "tokens" }, … });',
  reference: "MCP 2026-07-28, Authorization; MCP Security Best Practices, Local MCP Server Compromise",
  check({ gateway, target }) {
    if (gateway?.auth.mode !== "none") return [];
    const local = target === "local";
    if (local && isLoopback(gateway.listen.host)) return [];
    const where = local ? `listen.host is "${gateway.listen.host}"` : `the target is ${target}`;
    return [
      {
        path: `gateway ${gateway.name}: auth.mode`,
        reason: `is "none" while ${where}: everybody who reaches that address may call every tool`,
      },
    ];
  },
};
