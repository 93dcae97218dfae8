import type { KubeConfig, V1EndpointSlice, V1Service } from "@kubernetes/client-node";
import { withApi } from "./api.ts";
import { clusterFault } from "./cluster-fault.ts";

/** A service's port, as those who call it name it. */
export interface ServicePort {
  namespace: string;
  /** Name of the service. */
  service: string;
  /** Port of the service. */
  port: number;
}

/** A pod that is ready, and its port. */
export interface ReadyPod {
  name: string;
  port: number;
}

/** Something that can't be reached, in words for people. */
export class Unreachable extends Error {}

const deadlineMs = 10_000;

/**
 * The pods that a service sends callers to.
 * @throws {Unreachable} when there is none
 */
export async function readyPods(kubeConfig: KubeConfig, target: ServicePort): Promise<ReadyPod[]> {
  const { namespace, service } = target;
  const labelSelector = `kubernetes.io/service-name=${service}`;
  const [found, slices] = await withApi(kubeConfig, deadlineMs, ({ core, discovery }) =>
    Promise.all([
      core.readNamespacedService({ namespace, name: service }),
      discovery.listNamespacedEndpointSlice({ namespace, labelSelector }),
    ]),
  ).catch((error: unknown) => {
    const { status, reason, remediation } = clusterFault(error);
    const server = kubeConfig.getCurrentCluster()?.server;
    throw new Unreachable(
      status === 404
        ? `there is no service ${service} in namespace ${namespace}: the gateway is not deployed there`
        : `the cluster at ${server} ${reason}. ${remediation}`,
    );
  });
  if (!found.spec?.ports?.some(({ port }) => port === target.port))
    throw new Unreachable(`service ${service} in namespace ${namespace} has no port ${target.port}`);
  const pods = readyIn(found, slices.items, target.port);
  if (pods.length === 0)
    throw new Unreachable(
      `no pod of service ${service} in namespace ${namespace} is ready; \`mcp-infra status\` says why`,
    );
  return pods;
}

/** The ready pods behind a service's port. Pure. */
export function readyIn(service: V1Service, slices: readonly V1EndpointSlice[], port: number): ReadyPod[] {
  const { name } = service.spec?.ports?.find((each) => each.port === port) ?? {};
  const pods = slices.flatMap((slice) => {
    const number = slice.ports?.find((each) => (each.name ?? "") === (name ?? ""))?.port;
    return (slice.endpoints ?? []).flatMap(({ conditions, targetRef }) =>
      targetRef?.kind === "Pod" && targetRef.name && number !== undefined && conditions?.ready !== false
        ? [{ name: targetRef.name, port: number }]
        : [],
    );
  });
  // An address of each family makes two of one pod.
  return [...new Map(pods.map((pod) => [pod.name, pod])).values()];
}
