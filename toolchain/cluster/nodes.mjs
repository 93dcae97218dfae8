// @ts-check
import { withApi } from "../../components/targets/kubernetes/api.ts";
import { clusterFault } from "../../components/targets/kubernetes/cluster-fault.ts";
import { connect, NoConnection } from "../../components/targets/kubernetes/connection.ts";
import { Refusal } from "../checkout.mjs";

const deadlineMs = 10_000;

/**
 * The names of a cluster's nodes. What keeps it from answering is said in words of ours: a parser's would quote the
 * kubeconfig, and with it a token.
 * @param {string} [kubeconfig] default: what KUBECONFIG names
 * @returns {Promise<string[] | undefined>} nothing where the credentials have no right to list them
 */
export async function nodesOf(kubeconfig) {
  const kubeConfig = await connect({ kubeconfig }).catch((error) => {
    throw error instanceof NoConnection ? new Refusal(error.message) : error;
  });
  try {
    const { items } = await withApi(kubeConfig, deadlineMs, ({ core }) => core.listNode());
    return items.map(({ metadata }) => metadata?.name ?? "");
  } catch (error) {
    const { status, reason, remediation } = clusterFault(error);
    if (status === 403) return undefined;
    throw new Refusal(`The cluster at ${kubeConfig.getCurrentCluster()?.server} ${reason}. ${remediation}`);
  }
}
