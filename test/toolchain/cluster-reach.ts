import { PassThrough } from "node:stream";
import { CoreV1Api, Exec, type KubeConfig, NetworkingV1Api, type V1Pod } from "@kubernetes/client-node";
import { until } from "../gateway/fixture.ts";

const node = "/usr/local/bin/node";
/** Where the pods of {@link startListener} listen. */
export const listeningPort = 8080;

/** What came of a try to connect. Where packets are dropped there is no answer. */
export type Outcome = "open" | "no answer" | "no such name" | string;

/** Tries each `host:port` at once, and says what came of it. A name that has no answer is no such name. */
const tries = `
const { connect } = require("node:net");
const { lookup } = require("node:dns/promises");
const late = () => new Promise((done) => setTimeout(done, 2000, undefined));
const one = async (to) => {
  const colon = to.lastIndexOf(":");
  const found = await Promise.race([lookup(to.slice(0, colon), { family: 4 }).catch(() => undefined), late()]);
  if (!found) return "no such name";
  const socket = connect({ host: found.address, port: Number(to.slice(colon + 1)) });
  const outcome = new Promise((done) => {
    socket.on("connect", () => done("open"));
    socket.on("error", (error) => done(error.code));
  });
  return (await Promise.race([outcome, late()])) ?? "no answer";
};
const wanted = process.argv.slice(1);
Promise.all(wanted.map(async (to) => [to, await one(to)])).then((all) => {
  process.stdout.write(JSON.stringify(Object.fromEntries(all)), () => process.exit());
});
`;

/** What comes of connections from a pod's first container, in which there is a Node, to each `host:port`. */
export async function connects(
  kubeConfig: KubeConfig,
  { metadata, spec }: V1Pod,
  destinations: string[],
): Promise<Record<string, Outcome>> {
  const [output, errors] = [new PassThrough(), new PassThrough()];
  const { namespace = "", name = "" } = metadata ?? {};
  const container = spec?.containers[0]?.name ?? "";
  const command = [node, "-e", tries, ...destinations];
  // The answer is what counts: a Node that waits for a name can't end before its resolver has given up.
  const answer = await new Promise<string>((resolve, reject) => {
    output.once("data", (text) => resolve(String(text)));
    new Exec(kubeConfig)
      .exec(namespace, name, container, command, output, errors, null, false, ({ message }) =>
        reject(new Error(`${message}: ${errors.read()}`)),
      )
      .catch(reject);
  });
  return JSON.parse(answer);
}

/** Starts a pod that listens, and answers when it does and its address is known. */
export async function startListener(
  kubeConfig: KubeConfig,
  {
    namespace,
    name,
    image,
    labels,
    on,
  }: { namespace: string; name: string; image: string } & {
    labels?: Record<string, string>;
    /** The node. Default: any. */
    on?: string;
  },
): Promise<V1Pod & { address: string }> {
  const core = kubeConfig.makeApiClient(CoreV1Api);
  const listen = `require("node:http").createServer((_, response) => response.end()).listen(${listeningPort})`;
  await until(() => core.readNamespacedServiceAccount({ namespace, name: "default" }));
  await core.createNamespacedPod({
    namespace,
    body: {
      metadata: { name, ...(labels && { labels }) },
      spec: {
        ...(on && { nodeSelector: { "kubernetes.io/hostname": on } }),
        terminationGracePeriodSeconds: 0,
        automountServiceAccountToken: false,
        containers: [
          {
            name: "listener",
            image,
            command: [node, "-e", listen],
            ports: [{ name: "web", containerPort: listeningPort }],
            readinessProbe: { tcpSocket: { port: "web" }, periodSeconds: 1 },
          },
        ],
      },
    },
  });
  return until(async () => {
    const pod = await core.readNamespacedPod({ namespace, name });
    const ready = pod.status?.conditions?.some(({ type, status }) => type === "Ready" && status === "True");
    return ready && pod.status?.podIP ? { ...pod, address: pod.status.podIP } : undefined;
  }, 60_000);
}

/** Whether the cluster keeps network policies, by what comes of one that forbids a pod everything. */
export async function keepsPolicies(kubeConfig: KubeConfig, pod: V1Pod): Promise<boolean> {
  const core = kubeConfig.makeApiClient(CoreV1Api);
  const networking = kubeConfig.makeApiClient(NetworkingV1Api);
  const api = await core.readNamespacedService({ namespace: "default", name: "kubernetes" });
  const destination = `${api.spec?.clusterIP}:443`;
  const outcome = async () => (await connects(kubeConfig, pod, [destination]))[destination];
  if ((await outcome()) !== "open") throw new Error(`${destination} can't be reached even without a policy`);
  const namespace = pod.metadata?.namespace ?? "";
  const name = "probe";
  const body = { metadata: { name }, spec: { podSelector: {}, policyTypes: ["Egress"] } };
  await networking.createNamespacedNetworkPolicy({ namespace, body });
  try {
    return await until(async () => (await outcome()) === "no answer", 15_000).catch(() => false);
  } finally {
    await networking.deleteNamespacedNetworkPolicy({ namespace, name });
  }
}
