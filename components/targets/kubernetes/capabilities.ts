import {
  isLoopback,
  longestCallOf,
  programOf,
  type ServerModel,
  secretUses,
  severalInstances,
} from "../../model/index.ts";
import type { Rule } from "../../rules/rule.ts";
import type { KubernetesSettings } from "./args.ts";
import { drainOf } from "./server-containers.ts";

/** What every rule below has: a contradiction, not a matter of taste. */
const refused = {
  concern: "operations",
  severity: "error",
  enforcedBy: "component",
  needs: "server",
} as const;

const kindOf = (server: ServerModel) => (server.stdio ? "stdio" : "http");

const noLocalCommands: Rule = {
  ...refused,
  id: "kubernetes-no-local-commands",
  title: "A command on Kubernetes is one of an image",
  remediation: "Name the server's image beside the command, or its npm package.",
  reference: "Kubernetes, Pods: a container has the files of its image, and none of this machine",
  check: ({ servers }) =>
    servers
      .filter((server) => programOf(server)?.command && !programOf(server)?.image)
      .map((server) => ({
        path: `server ${server.name}: ${kindOf(server)}.command`,
        reason: `is "${programOf(server)?.command}", a command of this machine, which a pod does not have`,
      })),
};

const stdioImageCommand: Rule = {
  ...refused,
  id: "kubernetes-stdio-image-command",
  title: "A stdio server from an image says what to start in it",
  remediation:
    'Set stdio.command to the image\'s own command: docker inspect --format "{{.Config.Entrypoint}}".',
  reference: "The bridge starts the server in the image, so it can't be left to the image's own entrypoint",
  check: ({ servers }) =>
    servers
      .filter(({ stdio }) => stdio?.image && !stdio.command)
      .map(({ name }) => ({
        path: `server ${name}: stdio.command`,
        reason: "is missing: the bridge has to know what to start in the image",
      })),
};

/** A pod has no npm registry to ask: packages come with the framework's image. */
const packagesInImage = ({ image }: KubernetesSettings): Rule => ({
  ...refused,
  id: "kubernetes-package-in-image",
  title: "Packages are in the framework's image",
  remediation:
    "Build the image with it: npm run image -- npm:…, and name it in image.packages of the target.",
  reference: "NIST SP 800-190, 4.1: what runs is in the image that was checked",
  check: ({ servers }) =>
    servers.flatMap((server) => {
      const wanted = programOf(server)?.package;
      if (wanted === undefined || image.packages.includes(wanted)) return [];
      return [
        {
          path: `server ${server.name}: ${kindOf(server)}.package`,
          reason: `is "${wanted}", and the target's image has ${image.packages.join(", ") || "no package"}`,
        },
      ];
    }),
});

const secretStore = (settings: KubernetesSettings): Rule => ({
  ...refused,
  id: "kubernetes-secret-store",
  title: "Secrets of an outside store have their store",
  remediation: 'Set secretStore of the target: { name: "…" }; External Secrets Operator has to know it.',
  reference: "External Secrets Operator, SecretStore and ClusterSecretStore",
  check: (model) =>
    settings.secretStore
      ? []
      : secretUses(model)
          .filter(({ reference: { store, key } }) =>
            model.secrets.some(({ name, external }) => name === store && key in external),
          )
          .map(({ path, reference: { store, key } }) => ({
            path,
            reason: `is "${key}" of secrets ${store}, which an outside store keeps, and the target names none`,
          })),
});

const storageSingleReplica: Rule = {
  ...refused,
  id: "kubernetes-storage-single-replica",
  title: "A server that keeps data has one replica",
  remediation:
    "Leave replicas at 1, or let the server keep its data in a database, and set storage to false.",
  reference: "Kubernetes, Persistent Volumes, access modes: ReadWriteOnce is mounted by one node",
  check: ({ servers }) =>
    servers
      .filter(({ storage }) => storage)
      .flatMap((server) =>
        severalInstances(server).map(({ property, count }) => ({
          path: `server ${server.name}: ${property}`,
          reason: `is ${count} for a server that keeps data: its volume is one pod's`,
        })),
      ),
};

const userTokensSingleReplica: Rule = {
  ...refused,
  needs: "gateway",
  id: "kubernetes-user-tokens-single-replica",
  title: "A gateway that keeps users' tokens has one replica",
  remediation: "Leave replicas of the gateway out, or at 1.",
  reference: "Kubernetes, Persistent Volumes, access modes: ReadWriteOnce is mounted by one node",
  check: ({ gateway }) =>
    gateway?.userTokens && (gateway.replicas ?? 1) > 1
      ? [
          {
            path: `gateway ${gateway.name}: replicas`,
            reason: `is ${gateway.replicas} for a gateway that keeps users' tokens: its volume is one pod's, and who consented at one replica would be unknown to the others`,
          },
        ]
      : [],
};

const listensWhereExposed: Rule = {
  ...refused,
  needs: "gateway",
  id: "kubernetes-listen",
  title: "A gateway on Kubernetes is reached by what the target exposes",
  remediation: "Leave listen.host out, and set expose of the target: host, and gatewayApi or ingress.",
  reference: "Kubernetes, Services: a pod has an address of its own, and nobody can choose it",
  check: ({ gateway }) =>
    gateway && !isLoopback(gateway.listen.host)
      ? [
          {
            path: `gateway ${gateway.name}: listen.host`,
            reason: `is "${gateway.listen.host}", which no pod has`,
          },
        ]
      : [],
};

/** A server doesn't know the gateways it will be behind, so what they allow can't be read off them. */
const callsEndInTime: Rule = {
  ...refused,
  severity: "warning",
  needs: "gateway",
  id: "kubernetes-drain",
  title: "A pod that ends gives its calls as long as the gateway does",
  remediation: "Set the server's own timeout: its pods then end as late as its longest call.",
  reference: "Kubernetes, Pod Lifecycle: after terminationGracePeriodSeconds a pod is killed",
  check: (model) =>
    model.servers
      .filter((server) => !server.remote && (longestCallOf(server, model) ?? 0) > drainOf(server))
      .map((server) => ({
        path: `server ${server.name}: timeout`,
        reason: `is not said, so that a release cuts calls off after ${drainOf(server)} ms, and the gateway allows ${longestCallOf(server, model)} ms`,
      })),
};

/** What Kubernetes can't do, or not with these settings. */
export function kubernetesCapabilities(settings: KubernetesSettings): readonly Rule[] {
  return [
    noLocalCommands,
    stdioImageCommand,
    packagesInImage(settings),
    secretStore(settings),
    storageSingleReplica,
    userTokensSingleReplica,
    listensWhereExposed,
    callsEndInTime,
  ];
}
