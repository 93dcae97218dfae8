import type { GatewayConfig } from "../config.ts";
import type { Upstream } from "../upstream.ts";
import type { Backend } from "./backend.ts";
import { Group } from "./group.ts";
import { type BackendParts, Member } from "./member.ts";

/**
 * What callers are routed to, by the name they know: every server that is no standby, with its protections and those who
 * stand in for it. Learns from the health checks, and has them made where calls fail.
 */
export function backendsOf(
  config: GatewayConfig,
  upstreams: ReadonlyMap<string, Upstream>,
  parts: BackendParts,
): ReadonlyMap<string, Backend> {
  const members = new Map<string, Member>();
  for (const server of config.servers) {
    const upstream = upstreams.get(server.name);
    if (upstream) members.set(server.name, new Member(server, upstream, parts));
  }
  const standbys = new Set(config.failover.flatMap(({ standby }) => standby));
  const groups = new Map<string, Group>();
  for (const server of config.servers) {
    if (standbys.has(server.name)) continue;
    const { standby = [], mode = "standby" } =
      config.failover.find(({ primary }) => primary === server.name) ?? {};
    const own = [server.name, ...standby].flatMap((name) => members.get(name) ?? []);
    groups.set(server.name, new Group(server, own, mode, parts));
  }
  parts.health.attach({
    isSilent: (server) => members.get(server)?.isSilent ?? false,
    breaker: (server) => members.get(server)?.breaker,
    serving: (group) => groups.get(group)?.serving?.name,
    checked(server, isUp, changed) {
      const member = members.get(server);
      if (!member) return;
      member.checked(isUp, changed);
      if (isUp) return;
      for (const group of groups.values()) if (group.members.includes(member)) group.memberDown(member);
    },
  });
  return groups;
}
