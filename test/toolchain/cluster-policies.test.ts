import { NetworkingV1Api, type V1NetworkPolicySpec, type V1Pod } from "@kubernetes/client-node";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { until } from "../gateway/fixture.ts";
import { type TestCluster, testCluster } from "../kubernetes/cluster.ts";
import { connects, keepsPolicies, listeningPort, type Outcome, startListener } from "./cluster-reach.ts";

/** Every test has the namespaces to itself, without a policy in them at first. */
describe("a cluster that keeps network policies", () => {
  const run = `${process.pid}`;
  const [here, there] = [`policies-here-${run}`, `policies-there-${run}`];
  type Listener = V1Pod & { address: string };
  let cluster: TestCluster;
  let networking: NetworkingV1Api;
  let client: Listener;
  let server: Listener;
  let stranger: Listener;
  let keeps: boolean;

  const reach = async (from: Listener, host: string, port = listeningPort) =>
    (await connects(cluster.kubeConfig, from, [`${host}:${port}`]))[`${host}:${port}`];
  const policy = (name: string, spec: V1NetworkPolicySpec) =>
    networking.createNamespacedNetworkPolicy({ namespace: here, body: { metadata: { name }, spec } });
  /** What comes of it once the policies are in force, which takes a moment. */
  const becomes = (outcome: Outcome, from: Listener, host: string, port?: number) =>
    until(async () => {
      const is = await reach(from, host, port);
      expect(is).toBe(outcome);
      return is;
    }, 10_000);

  beforeAll(async () => {
    cluster = await testCluster();
    const { core, kubeConfig } = cluster;
    networking = kubeConfig.makeApiClient(NetworkingV1Api);
    for (const name of [here, there]) await core.createNamespace({ body: { metadata: { name } } });
    const [one, other = one] = (await core.listNode()).items
      .filter(({ spec }) => !spec?.taints?.length)
      .map(({ metadata }) => metadata?.labels?.["kubernetes.io/hostname"]);
    const start = (namespace: string, name: string, on?: string) =>
      startListener(kubeConfig, {
        namespace,
        name,
        image: cluster.image.reference,
        labels: { app: name },
        ...(on && { on }),
      });
    [client, server, stranger] = await Promise.all([
      start(here, "client", one),
      start(here, "server", other),
      start(there, "stranger", one),
    ]);
    await core.createNamespacedService({
      namespace: here,
      body: {
        metadata: { name: "server" },
        spec: { selector: { app: "server" }, ports: [{ port: 80, targetPort: "web" }] },
      },
    });
    keeps = await keepsPolicies(kubeConfig, stranger);
  });
  beforeEach(async ({ skip }) => {
    skip(!keeps, "this cluster does not keep network policies");
    await networking.deleteCollectionNamespacedNetworkPolicy({ namespace: here });
    for (const from of [client, stranger]) await becomes("open", from, server.address);
  });
  afterAll(async () => {
    for (const name of [here, there]) await cluster?.core.deleteNamespace({ name });
  });

  test("nothing goes in or out of a namespace that is closed, until its policy is deleted", async () => {
    await becomes("open", stranger, `server.${here}.svc`, 80);
    await policy("closed", { podSelector: {}, policyTypes: ["Ingress", "Egress"] });
    await becomes("no answer", stranger, server.address);
    await becomes("no such name", client, `server.${here}.svc`, 80);
    await becomes("no answer", stranger, `server.${here}.svc`, 80);
    await becomes("no answer", client, stranger.address);
    // A pod's own probes come from its node, and those of kubelet went on.
    const pod = await cluster.core.readNamespacedPod({ namespace: here, name: "server" });
    expect(pod.status?.conditions?.find(({ type }) => type === "Ready")?.status).toBe("True");
    await networking.deleteNamespacedNetworkPolicy({ namespace: here, name: "closed" });
    await becomes("open", stranger, server.address);
    await becomes("open", client, `server.${here}.svc`, 80);
  });

  test("names resolve where only DNS is allowed", async () => {
    await policy("dns", {
      podSelector: { matchLabels: { app: "client" } },
      policyTypes: ["Egress"],
      egress: [
        {
          to: [
            {
              namespaceSelector: {
                matchExpressions: [
                  { key: "kubernetes.io/metadata.name", operator: "In", values: ["kube-system"] },
                ],
              },
            },
          ],
          ports: ["UDP", "TCP"].map((protocol) => ({ protocol, port: 53 })),
        },
      ],
    });
    await becomes("no answer", client, `server.${here}.svc`, 80);
    await becomes("open", stranger, server.address);
  });

  test("labels let a pod of another node in, a Service's port being its pods'", async () => {
    await policy("client-only", {
      podSelector: { matchLabels: { app: "server" } },
      policyTypes: ["Ingress"],
      ingress: [
        { _from: [{ podSelector: { matchLabels: { app: "client" } } }], ports: [{ port: listeningPort }] },
      ],
    });
    await becomes("no answer", stranger, server.address);
    await becomes("open", client, server.address);
    await becomes("open", client, `server.${here}.svc`, 80);
    await policy("and-stranger", {
      podSelector: { matchLabels: { app: "server" } },
      policyTypes: ["Ingress"],
      ingress: [
        {
          _from: [
            {
              namespaceSelector: { matchLabels: { "kubernetes.io/metadata.name": there } },
              podSelector: { matchLabels: { app: "stranger" } },
            },
          ],
          ports: [{ port: "web" }],
        },
      ],
    });
    await becomes("open", stranger, server.address);
    await becomes("open", client, server.address);
  });

  test("a block of addresses is open but for its exceptions", async () => {
    const egress = (except: string[]) => ({
      podSelector: { matchLabels: { app: "client" } },
      policyTypes: ["Egress"],
      egress: [{ to: [{ ipBlock: { cidr: "0.0.0.0/0", except } }], ports: [{ port: 8000, endPort: 8100 }] }],
    });
    await policy("block", egress([`${stranger.address}/32`]));
    await becomes("no answer", client, stranger.address);
    await becomes("open", client, server.address);
    await networking.deleteNamespacedNetworkPolicy({ namespace: here, name: "block" });
    await policy("block", egress([`${server.address}/32`]));
    await becomes("no answer", client, server.address);
    await becomes("open", client, stranger.address);
  });

  test("a pod that starts is closed from the moment it is seen", async () => {
    await policy("closed", { podSelector: {}, policyTypes: ["Ingress"] });
    const { kubeConfig, image } = cluster;
    const late = await startListener(kubeConfig, {
      namespace: here,
      name: "late",
      image: image.reference,
      labels: { app: "late" },
    });
    expect(await reach(stranger, late.address)).toBe("no answer");
  });
});
