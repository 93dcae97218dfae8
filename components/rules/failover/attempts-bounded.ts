import { z } from "zod";
import { isLoopback } from "../../model/hosts.ts";
import { exposedServers, type IntegrationModel } from "../../model/integration.ts";
import { resilienceOf } from "../../model/resilience.ts";
import { tunable, type Violation } from "../rule.ts";

/** Servers that are the gateway itself: a call would go round until its time is over. */
function loops({ servers, gateway, target }: IntegrationModel): Violation[] {
  if (!gateway) return [];
  return servers.flatMap(({ name, remote }) => {
    if (!remote) return [];
    const { hostname, port, origin } = new URL(remote.url);
    const isPublic = gateway.publicUrl !== undefined && origin === new URL(gateway.publicUrl).origin;
    const isHere = target === "local" && isLoopback(hostname) && Number(port) === gateway.listen.port;
    if (!isHere && !(isPublic && remote.url === gateway.publicUrl)) return [];
    return [
      {
        path: `server ${name}: remote.url`,
        reason: `is gateway ${gateway.name} itself: each try of a call would be tried again at every turn`,
      },
    ];
  });
}

/** One call is few tries, along the whole of its path. */
export const attemptsBounded = tunable({
  id: "attempts-bounded",
  concern: "failover",
  title: "Attempts do not multiply along a call's path",
  severity: "warning",
  enforcedBy: "policy",
  needs: "gateway",
  remediation: "Retry in one place: fewer attempts where a group has several members.",
  code: 'new mcp.Server("search", { resilience: { retry: { attempts: 2 } }, … }); // with one standby: 4 tries at most',
  reference: "Google SRE Book, chapter 22, Addressing Cascading Failures: retries at several levels multiply",
  parameters: z.strictObject({
    /** Most tries of one call, over all members and rounds. */
    most: z.int().min(1).default(8),
  }),
  check(model, { most }) {
    const tries = exposedServers(model).flatMap((server) => {
      const { retry } = resilienceOf(server, model);
      const group = model.gateway?.failover.find(({ primary }) => primary === server.name);
      const members = 1 + (group?.standby.length ?? 0);
      const attempts = retry ? retry.attempts : 1;
      if (attempts * members <= most) return [];
      return [
        {
          path: `server ${server.name}: resilience.retry.attempts`,
          reason: `is ${attempts} at ${members} ${members === 1 ? "server" : "servers"}: ${attempts * members} tries of one call, more than ${most}, at a time when something is overloaded`,
        },
      ];
    });
    return [...tries, ...loops(model)];
  },
});
