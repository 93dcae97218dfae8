import { programOf, secretUses, severalInstances } from "../../model/index.ts";
import type { Rule } from "../../rules/rule.ts";

/** What this machine can't do. */
export const capabilities: readonly Rule[] = [
  {
    id: "local-no-images",
    concern: "operations",
    title: "The local target starts packages and commands, not images",
    severity: "error",
    enforcedBy: "component",
    needs: "server",
    remediation: "Name the server's package or command, or use a target that runs containers.",
    reference: "The local target runs processes, without a container engine",
    check: ({ servers }) =>
      servers
        .filter((server) => programOf(server)?.image)
        .map((server) => ({
          path: `server ${server.name}: ${server.stdio ? "stdio" : "http"}.image`,
          reason: "is a container image, which the local target can't run",
        })),
  },
  {
    id: "local-single-replica",
    concern: "failover",
    title: "The local target runs one instance of a server and of a gateway",
    severity: "error",
    enforcedBy: "component",
    needs: "server",
    remediation: "Leave it at 1, or use a target that has several machines.",
    reference: "On one machine and one port, further replicas share every fault of the first",
    check: ({ servers, gateway }) => [
      ...servers
        .filter((server) => server.http && !server.http.sessions)
        .flatMap((server) =>
          severalInstances(server).map(({ property, count }) => ({
            path: `server ${server.name}: ${property}`,
            reason: `is ${count}; on this machine a server is one process`,
          })),
        ),
      ...(gateway?.replicas && gateway.replicas > 1
        ? [
            {
              path: `gateway ${gateway.name}: replicas`,
              reason: `is ${gateway.replicas}; on this machine a gateway is one process`,
            },
          ]
        : []),
    ],
  },
  {
    id: "local-no-external-secrets",
    concern: "security",
    title: "The local target reaches no outside secret store",
    severity: "error",
    enforcedBy: "component",
    needs: "server",
    remediation: "Give its value here: pulumi config set --secret, and values of the Secrets component.",
    reference: "External Secrets Operator runs in Kubernetes",
    check: (model) =>
      secretUses(model)
        .filter(({ reference: { store, key } }) =>
          model.secrets.some(({ name, external }) => name === store && key in external),
        )
        .map(({ path, reference: { store, key } }) => ({
          path,
          reason: `is "${key}" of secrets ${store}, which an outside store keeps`,
        })),
  },
];
