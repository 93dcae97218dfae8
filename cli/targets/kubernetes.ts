import type { V1ContainerStatus, V1Deployment, V1Pod } from "@kubernetes/client-node";
import { type ClusterApi, withApi } from "../../components/targets/kubernetes/api.ts";
import { answerOf, clusterFault, isMissing } from "../../components/targets/kubernetes/cluster-fault.ts";
import {
  type ConnectionOptions,
  connect,
  NoConnection,
} from "../../components/targets/kubernetes/connection.ts";
import { explain, troubledPods } from "../../components/targets/kubernetes/diagnosis.ts";
import { forwarded } from "../../components/targets/kubernetes/port-forward.ts";
import { Unreachable } from "../../components/targets/kubernetes/ready-pods.ts";
import { keepSmokeReport } from "../../components/targets/kubernetes/smoke-report.ts";
import {
  askWorkloads,
  newest,
  selected,
  type WorkloadFacts,
} from "../../components/targets/kubernetes/workload-facts.ts";
import { kubernetesVictim } from "../../drill/targets/kubernetes.ts";
import { UserError } from "../project.ts";
import type { StateResource } from "../state.ts";
import { gatewayService, type Workload, workloadsOf } from "./kubernetes-state.ts";
import type { GatewayAccess, Log, Runtime, Status } from "./target.ts";

const deadlineMs = 15_000;

/** The way to a gateway in a cluster; `undefined` when it never came up. */
export function kubernetesGateway(
  resources: readonly StateResource[],
  parts: readonly StateResource[],
): GatewayAccess | undefined {
  const service = gatewayService(resources, parts);
  if (!service) return undefined;
  const { connection, namespace, name, port, exposed } = service;
  return {
    endpoint: exposed ?? `http://127.0.0.1:${port}/mcp`,
    forwarded: exposed === undefined,
    reach: (use, localPort) =>
      exposed !== undefined
        ? use(exposed)
        : inWords(async () =>
            forwarded(
              await connect(connection),
              { namespace, service: name, port, path: "/mcp", localPort },
              use,
            ),
          ),
    isGone: async () => {
      const service = { namespace, name };
      const asked = connect(connection).then((kubeConfig) =>
        withApi(kubeConfig, deadlineMs, ({ core }) => core.readNamespacedService(service)),
      );
      return isMissing(await answerOf(asked));
    },
    victims: () =>
      workloadsOf(resources)
        .filter(({ role }) => role === "server")
        .map(({ name, connection, namespace, labels }) =>
          kubernetesVictim({ server: name, connection, namespace, labels }),
        ),
    keepSmokeReport: async (report) => keepSmokeReport(await connect(connection), namespace, name, report),
  };
}

/** The workloads of a stack in their cluster; `undefined` when it has none. */
export function kubernetesRuntime(resources: readonly StateResource[]): Runtime | undefined {
  const workloads = workloadsOf(resources);
  if (workloads.length === 0) return undefined;
  return {
    status: async () => ({
      where: await placesOf(workloads),
      ...statusOf((await perNamespace(workloads, (api, group) => lookAt(api, group))).flat()),
    }),
    logs: async (name, lines) =>
      (await perNamespace(chosen(workloads, name), (api, group) => logsOf(api, group, lines))).flat(),
  };
}

/** Each cluster and namespace that has some of the workloads, as people know it. */
async function placesOf(workloads: readonly Workload[]): Promise<string[]> {
  const places = workloads.map(({ connection, namespace }) =>
    inWords(async () => {
      const kubeConfig = await connect(connection);
      const context = kubeConfig.getCurrentContext();
      return `Cluster: ${context} (${kubeConfig.getCurrentCluster()?.server}), namespace ${namespace}`;
    }),
  );
  return [...new Set(await Promise.all(places))];
}

/** A workload beside what the cluster says of it. */
interface Seen {
  workload: Workload;
  facts: WorkloadFacts;
}

async function lookAt(api: ClusterApi, workloads: Workload[]): Promise<Seen[]> {
  const facts = await askWorkloads(api, workloads[0]?.namespace ?? "");
  return workloads.map((workload) => ({ workload, facts: newest(selected(facts, workload.labels)) }));
}

/** What the cluster says, as a table. Pure. */
export function statusOf(seen: readonly Seen[]): Status {
  const judged = seen.map(({ workload, facts }) => {
    const deployment = facts.deployments.find(({ metadata }) => metadata?.name === workload.name);
    return { workload, facts, deployment, ready: deployment !== undefined && isUp(deployment) };
  });
  const failing = judged.filter(({ ready }) => !ready).map(({ workload }) => workload.name);
  return {
    head: ["NAME", "KIND", "READY", "RESTARTS", "ARTIFACT", "WHY NOT"],
    rows: judged.map(({ workload, facts, deployment, ready }) => [
      workload.name,
      workload.role,
      `${deployment?.status?.readyReplicas ?? 0}/${deployment?.spec?.replicas ?? 0}`,
      String(restartsOf(facts)),
      workload.artifact ?? imageOf(deployment),
      ready ? "" : reasonOf(facts),
    ]),
    failing: failing.length > 0,
    ...(failing.length > 0 && {
      advice: `Not ready: ${failing.join(", ")}. \`mcp-infra logs <name>\` shows the last lines of its pods.`,
    }),
  };
}

/** Whether all replicas are ready, and are of the newest release. */
function isUp({ spec, status }: V1Deployment): boolean {
  const wanted = spec?.replicas ?? 1;
  const stuck = status?.conditions?.some((each) => each.type === "Progressing" && each.status === "False");
  return !stuck && (status?.readyReplicas ?? 0) >= wanted && (status?.updatedReplicas ?? 0) >= wanted;
}

function restartsOf({ pods }: WorkloadFacts): number {
  return pods
    .flatMap(({ status }) => [...(status?.initContainerStatuses ?? []), ...(status?.containerStatuses ?? [])])
    .reduce((sum, { restartCount }) => sum + restartCount, 0);
}

/** A digest is told from another by its first letters. */
function imageOf(deployment: V1Deployment | undefined): string {
  const image = deployment?.spec?.template.spec?.containers[0]?.image ?? "";
  return image.replace(/(@sha256:[0-9a-f]{12})[0-9a-f]+$/, "$1…");
}

function reasonOf(facts: WorkloadFacts): string {
  return explain(facts, troubledPods(facts)).split("\n")[0] ?? "";
}

function chosen(workloads: Workload[], name: string | undefined): Workload[] {
  if (name === undefined) return workloads;
  const named = workloads.filter((workload) => workload.name === name);
  if (named.length > 0) return named;
  const names = workloads.map((workload) => workload.name).join(", ");
  throw new UserError(`There is no server or gateway "${name}"; there is ${names}.`);
}

async function logsOf(api: ClusterApi, workloads: Workload[], lines: number): Promise<Log[]> {
  const { pods } = await askWorkloads(api, workloads[0]?.namespace ?? "");
  const all = { pods, deployments: [], replicaSets: [], events: [] };
  const logs = workloads.flatMap(({ name, labels }): Promise<Log>[] => {
    const text = "It has no pods; `mcp-infra status` says why.";
    const own = selected(all, labels).pods;
    if (own.length === 0) return [Promise.resolve({ name, text, unreadable: true })];
    return own.flatMap((pod) => containersOf(pod).map((container) => logOf(api, pod, container, lines)));
  });
  return Promise.all(logs);
}

function containersOf({ status }: V1Pod): V1ContainerStatus[] {
  return [...(status?.initContainerStatuses ?? []), ...(status?.containerStatuses ?? [])];
}

async function logOf(
  { core }: ClusterApi,
  pod: V1Pod,
  { name: container, state, restartCount }: V1ContainerStatus,
  tailLines: number,
): Promise<Log> {
  const { name: podName = "", namespace = "" } = pod.metadata ?? {};
  const name = containersOf(pod).length > 1 ? `${podName} (${container})` : podName;
  // One that waits for its next start has said nothing yet; the one before it has.
  const previous = state?.waiting !== undefined && restartCount > 0;
  try {
    const asked = { namespace, name: podName, container, previous, tailLines };
    return { name, text: (await core.readNamespacedPodLog(asked)).trimEnd() };
  } catch (error) {
    const text = `The log can't be read: the cluster ${clusterFault(error).reason}`;
    return { name, text, unreadable: true };
  }
}

/** Asks each namespace of each cluster once. */
async function perNamespace<T>(
  workloads: Workload[],
  ask: (api: ClusterApi, group: Workload[]) => Promise<T>,
): Promise<T[]> {
  const groups = Map.groupBy(workloads, ({ connection, namespace }) =>
    JSON.stringify([connection, namespace]),
  );
  return Promise.all(
    [...groups.values()].map((group) =>
      inWords(() => withCluster(group[0]?.connection ?? {}, (api) => ask(api, group))),
    ),
  );
}

async function withCluster<T>(
  connection: ConnectionOptions,
  use: (api: ClusterApi) => Promise<T>,
): Promise<T> {
  const kubeConfig = await connect(connection);
  return withApi(kubeConfig, deadlineMs, use).catch((error: unknown) => {
    const { reason, remediation } = clusterFault(error);
    throw new UserError(`The cluster at ${kubeConfig.getCurrentCluster()?.server} ${reason}. ${remediation}`);
  });
}

async function inWords<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (error instanceof NoConnection || error instanceof Unreachable)
      throw new UserError(error.message.charAt(0).toUpperCase() + error.message.slice(1));
    throw error;
  }
}
