import type { Finding } from "../../../rules/finding.ts";
import { type ClusterApi, withApi } from "../api.ts";
import type { KubernetesSettings } from "../args.ts";
import { hardLimits } from "../claims.ts";
import { clusterFault } from "../cluster-fault.ts";
import { type ConnectionOptions, connect, NoConnection } from "../connection.ts";
import { judgeAccess, noAccess } from "./access.ts";
import { askFacts, type Facts } from "./facts.ts";
import { judgeKinds, referredKinds } from "./kinds.ts";
import { judgeNamespace } from "./namespace.ts";
import type { Needs } from "./needs.ts";
import { judgeQuota } from "./quota.ts";
import { judgeReferences } from "./references.ts";
import { judgeRights, type Right, unsure } from "./rights.ts";
import { judgeVersion } from "./server-version.ts";
import { judgeWorkloads } from "./workloads.ts";

export { type Needs, ownerAnnotation, stackAnnotation } from "./needs.ts";

/** For all of it. A near cluster answers within a tenth of a second. */
const deadlineMs = 10_000;

/**
 * Asks the cluster whether what is declared can be made there, in one round of questions; changes nothing. What it may
 * not know, since a right to look is missing, it leaves out.
 */
export async function preflight(
  connection: ConnectionOptions,
  settings: KubernetesSettings,
  needs: Needs,
): Promise<Finding[]> {
  let server = "";
  try {
    const kubeConfig = await connect(connection);
    server = kubeConfig.getCurrentCluster()?.server ?? "";
    return await withApi(kubeConfig, deadlineMs, async (api) => {
      const facts = await askFacts(api, settings, needs);
      const granted = await askFor(api, settings.namespace, unsure(facts, needs.kinds));
      return judge(server, facts, settings, needs, granted);
    });
  } catch (error) {
    return [error instanceof NoConnection ? error.finding : noAccess(server, clusterFault(error))];
  }
}

/** What the cluster's answers mean for the declaration. Pure. */
export function judge(
  server: string,
  facts: Facts,
  settings: KubernetesSettings,
  needs: Needs,
  granted: readonly Right[] = [],
): Finding[] {
  const none = judgeAccess(server, facts);
  if (none) return [none];
  return [
    ...judgeVersion(facts),
    ...judgeKinds(facts, [...needs.kinds, ...referredKinds(settings)]),
    ...judgeNamespace(facts, settings, needs.stack),
    ...judgeWorkloads(facts, settings.namespace, needs),
    ...judgeRights(facts, settings, needs.kinds, granted),
    ...judgeQuota(settings.namespacePolicy === "existing" ? facts : ownQuota(settings), needs.claims),
    ...judgeReferences(facts, settings),
  ];
}

/** The quota that the stack will make itself, as if it were there. */
function ownQuota({ quota }: KubernetesSettings): Pick<Facts, "quotas" | "pods"> {
  const own = { metadata: { name: "mcp-infra" }, spec: { hard: hardLimits(quota) } };
  return { quotas: { value: { items: [own] } } };
}

/** Asks for rights one by one: authorizers such as the clouds' own can't list what they give. */
async function askFor(api: ClusterApi, namespace: string, rights: readonly Right[]): Promise<Right[]> {
  const asked = rights.map(async (right) => {
    const [resource, subresource] = right.resource.split("/");
    const resourceAttributes = { verb: right.verb, group: right.group, resource, subresource, namespace };
    const review = api.authorization.createSelfSubjectAccessReview({
      body: { spec: { resourceAttributes } },
    });
    // Where even that can't be asked, the attempt will tell.
    return review.then(({ status }) => (status?.allowed === false ? [] : [right])).catch(() => [right]);
  });
  return (await Promise.all(asked)).flat();
}
