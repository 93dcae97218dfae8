import { standbysOf } from "../../model/integration.ts";
import { severalInstances } from "../../model/server.ts";
import { productionSchema, promised } from "../production.ts";
import { tunable } from "../rule.ts";

/** What is promised to be there survives the loss of one instance. */
export const severalInstancesPromised = tunable({
  id: "several-instances",
  concern: "failover",
  title: "What is promised in production rests on more than one instance",
  severity: "warning",
  enforcedBy: "policy",
  needs: "gateway",
  remediation:
    "Set replicas to 2 or more; give a server that can't have several, as over stdio, a standby; or promise less.",
  code: 'new mcp.Gateway("edge", { servers: [notes], failover: [{ primary: notes, standby: [notesStandby] }], … });',
  reference: "Google SRE Book, chapter 3, Embracing Risk; Kubernetes, Disruptions: voluntary and involuntary",
  parameters: productionSchema,
  check(model, parameters) {
    const promise = promised(model, parameters);
    const { gateway, servers, target } = model;
    if (!promise || !gateway) return [];
    const standbys = standbysOf(model);
    const primaries = new Set(standbys.values());
    const alone = servers
      // How many there are of what runs elsewhere is not said here.
      .filter(({ remote, offered }) => !remote && !offered)
      .filter(({ name }) => !standbys.has(name) && !primaries.has(name))
      .filter((server) => severalInstances(server).length === 0)
      .map(({ name }) => ({
        path: `server ${name}: replicas`,
        reason: `is 1, without a standby, and callers are promised ${promise}: each restart breaks the promise`,
      }));
    // Elsewhere a gateway has two unless it is told otherwise.
    if (gateway.replicas !== 1 && target !== "local") return alone;
    return [
      {
        path: `gateway ${gateway.name}: replicas`,
        reason: `is 1${target === "local" ? ", as anything on one machine" : ""}, and callers are promised ${promise}`,
      },
      ...alone,
    ];
  },
});
