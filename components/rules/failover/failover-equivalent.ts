import type { Rule } from "../rule.ts";

/** Whoever stands in for a server has what callers use of it. */
export const failoverEquivalent: Rule = {
  id: "failover-equivalent",
  concern: "failover",
  title: "A standby has the tools of its primary",
  severity: "error",
  enforcedBy: "component",
  needs: "gateway",
  remediation:
    "Expect the same tools of both, or leave tools of the standby out: then it is held to its primary's.",
  code: 'new mcp.Server("documents-standby", { tools: ["search", "read"], … }); // as its primary has them',
  reference: "Failover is between equivalents: a call that moves has to mean the same there",
  check({ gateway, servers }) {
    const toolsOf = (name: string) => servers.find((server) => server.name === name)?.tools;
    return (gateway?.failover ?? []).flatMap(({ primary, standby }) =>
      standby.flatMap((name) => {
        const own = toolsOf(name);
        const missing = own ? (toolsOf(primary) ?? []).filter((tool) => !own.includes(tool)) : [];
        if (missing.length === 0) return [];
        return [
          {
            path: `server ${name}: tools`,
            reason: `lack ${missing.join(", ")}, which ${primary} has, for which it stands in`,
          },
        ];
      }),
    );
  },
};
