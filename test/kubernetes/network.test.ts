import type { V1Pod } from "@kubernetes/client-node";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { Project } from "../e2e/project.ts";
import {
  connects,
  keepsPolicies,
  listeningPort,
  type Outcome,
  startListener,
} from "../toolchain/cluster-reach.ts";
import { type TestCluster, testCluster } from "./cluster.ts";

const namespace = "network";
const [callers, strangers] = ["network-callers", "network-strangers"];
const gatewayPort = 7400;
const utilitiesPort = 3001;

/** The framework's own policies, in a cluster that keeps them, tried from inside real pods. */
describe("the network of a stack on Kubernetes", () => {
  type Listener = V1Pod & { address: string };
  let cluster: TestCluster;
  let project: Project;
  let keeps: boolean;
  let caller: Listener;
  let stranger: Listener;
  let gatewayOfAnother: Listener;
  let gateway: V1Pod;
  /** What they listen on, by the Service's name and by the pod's address. */
  let ofGateway: string[];
  let servers: { pod: V1Pod; listens: string[] }[];
  let ofServers: string[];
  /** Others that listen, and whom nobody of the stack declares. */
  let others: string[];

  const podOf = async (name: string): Promise<V1Pod> => {
    const labelSelector = `app.kubernetes.io/name=${name}`;
    const [pod] = (await cluster.core.listNamespacedPod({ namespace, labelSelector })).items;
    if (!pod) throw new Error(`${name} has no pod`);
    return pod;
  };
  const listens = async (name: string, { status, spec }: V1Pod): Promise<string[]> => {
    const service = await cluster.core.readNamespacedService({ namespace, name });
    const containers = [...(spec?.containers ?? []), ...(spec?.initContainers ?? [])];
    const ports = containers.flatMap(({ ports }) => ports?.map(({ containerPort }) => containerPort) ?? []);
    return [
      ...(service.spec?.ports ?? []).map(({ port }) => `${name}.${namespace}.svc:${port}`),
      ...ports.map((port) => `${status?.podIP}:${port}`),
    ];
  };
  const all = (outcome: Outcome, destinations: string[]) =>
    Object.fromEntries(destinations.map((destination) => [destination, outcome]));
  const from = (pod: V1Pod, ...destinations: string[]) => connects(cluster.kubeConfig, pod, destinations);

  beforeAll(async () => {
    cluster = await testCluster();
    const { core, kubeConfig, image } = cluster;
    const start = (namespace: string, name: string, labels = {}) =>
      startListener(kubeConfig, { namespace, name, image: image.reference, labels });
    for (const name of [callers, strangers]) await core.createNamespace({ body: { metadata: { name } } });
    [caller, stranger, gatewayOfAnother] = await Promise.all([
      start(callers, "caller"),
      start(strangers, "stranger"),
      start(callers, "gateway", { "mcp-infra.dev/role": "gateway" }),
    ]);
    keeps = await keepsPolicies(kubeConfig, stranger);
    if (!keeps) return;
    project = await Project.running("program.ts");
    const settings = { namespace, image, callersFrom: [callers], offeredTo: [callers] };
    await project.configure({ ports: [gatewayPort, utilitiesPort], kubernetes: settings });
    const { exitCode, output } = await project.up();
    expect(exitCode, output).toBe(0);
    expect(output).toMatch(/smoke test: PASSED/);
    gateway = await podOf("edge");
    ofGateway = await listens("edge", gateway);
    servers = [];
    for (const name of ["notes", "utilities"]) {
      const pod = await podOf(name);
      servers.push({ pod, listens: await listens(name, pod) });
    }
    ofServers = servers.flatMap(({ listens }) => listens);
    expect([ofGateway.length, ofServers.length]).toEqual([2, 4]);
    const { spec } = await core.readNamespacedService({ namespace: "default", name: "kubernetes" });
    others = [
      `${stranger.address}:${listeningPort}`,
      `${caller.address}:${listeningPort}`,
      `${spec?.clusterIP}:443`,
    ];
  });
  beforeEach(({ skip }) => skip(!keeps, "this cluster does not keep network policies"));
  afterAll(async () => {
    await project?.[Symbol.asyncDispose]();
    for (const name of [callers, strangers]) await cluster?.core.deleteNamespace({ name });
  });

  test("a stranger reaches neither the gateway nor a server", async () => {
    const ours = [...ofGateway, ...ofServers];
    expect(await from(stranger, ...ours)).toEqual(all("no answer", ours));
    expect(await from(stranger, ...others)).toEqual(all("open", others));
  });

  test("a pod of a declared namespace reaches the gateway, and no server", async () => {
    expect(await from(caller, ...ofGateway)).toEqual(all("open", ofGateway));
    expect(await from(caller, ...ofServers)).toEqual(all("no answer", ofServers));
  });

  test("a gateway of a namespace that the servers are offered to reaches them", async () => {
    expect(await from(gatewayOfAnother, ...ofServers)).toEqual(all("open", ofServers));
  });

  test("the gateway reaches its servers, and nothing else", async () => {
    expect(await from(gateway, ...ofServers)).toEqual(all("open", ofServers));
    expect(await from(gateway, ...others)).toEqual(all("no answer", others));
  });

  test("a server reaches nothing that it does not declare", async () => {
    for (const { pod, listens } of servers) {
      const siblings = ofServers.filter((each) => !listens.includes(each));
      const undeclared = [...siblings, ...ofGateway, ...others];
      expect(await from(pod, ...undeclared)).toEqual(all("no answer", undeclared));
    }
  });
});
