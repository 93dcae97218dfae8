import type { Rule } from "../rule.ts";

/** A failover group is made of servers that there are, each in one group and in one part. */
export const failoverMembers: Rule = {
  id: "failover-members",
  concern: "failover",
  title: "Each server is in one failover group, as primary or as standby",
  severity: "error",
  enforcedBy: "component",
  needs: "gateway",
  remediation: "Name as primary a server of the gateway's servers, and each server in one group alone.",
  code: 'new mcp.Gateway("edge", { servers: [documents], failover: [{ primary: documents, standby: [documentsStandby] }], … });',
  reference: "A call is moved to another server at most once round its group",
  check({ gateway, servers }) {
    const seen = new Set<string>();
    return (gateway?.failover ?? []).flatMap(({ primary, standby }, index) => {
      const members = [
        { name: primary, property: "primary" },
        ...standby.map((name, at) => ({ name, property: `standby[${at}]` })),
      ];
      return members.flatMap(({ name, property }) => {
        const path = `gateway ${gateway?.name}: failover[${index}].${property}`;
        const isThere = servers.some((server) => server.name === name);
        const isTaken = seen.has(name);
        seen.add(name);
        if (!isThere) return [{ path, reason: `is "${name}", which is not among the gateway's servers` }];
        return isTaken ? [{ path, reason: `is "${name}", which stands in a failover group already` }] : [];
      });
    });
  },
};
