import { createHash } from "node:crypto";
import type * as k8s from "@pulumi/kubernetes";
import type { IntegrationModel, ServerModel } from "../../model/index.ts";
import { addresses } from "./addresses.ts";
import type { KubernetesSettings } from "./args.ts";
import { exposureSources } from "./exposure.ts";
import { labels, partOf, selectorLabels } from "./labels.ts";
import { portOf } from "./server-containers.ts";

type Policy = k8s.networking.v1.NetworkPolicyArgs & { metadata: { name: string } };
type Peer = k8s.types.input.networking.v1.NetworkPolicyPeer;
type Rule = { to: Peer[]; ports: { protocol?: string; port: number }[] };

const namespaces = (names: string[]): Peer => ({
  namespaceSelector: {
    matchExpressions: [{ key: "kubernetes.io/metadata.name", operator: "In", values: names }],
  },
});

/** Whoever reads metrics: the declared namespace, or what Prometheus Operator calls its pods anywhere. */
const prometheus = ({ monitoring }: KubernetesSettings): Peer =>
  monitoring.namespace
    ? namespaces([monitoring.namespace])
    : { namespaceSelector: {}, podSelector: { matchLabels: { "app.kubernetes.io/name": "prometheus" } } };

/**
 * What holds for all pods of the namespace: nothing goes in or out but names; what else does is opened one by one.
 *
 * @param stack which other stacks may share a namespace with that none of them has made: each has policies of its own
 *   there, so that one can go without opening what the others have closed.
 */
export function baseNetworkPolicies(settings: KubernetesSettings, stack: string): Record<string, Policy> {
  const { namespace, namespacePolicy, offeredTo, expose } = settings;
  const ours = { matchLabels: partOf };
  const whose = namespacePolicy === "existing" ? `-${digest(stack)}` : "";
  const meta = (name: string) => ({ name: `mcp-infra-${name}${whose}`, namespace, labels: partOf });
  const entrances = exposureSources(settings);
  return {
    "default-deny": {
      metadata: meta("default-deny"),
      spec: {
        // In a namespace of somebody else's, other pods are not ours to cut off.
        podSelector: namespacePolicy === "create" ? {} : ours,
        policyTypes: ["Ingress", "Egress"],
      },
    },
    dns: {
      metadata: meta("dns"),
      spec: {
        podSelector: ours,
        policyTypes: ["Egress"],
        egress: [
          {
            // The cluster's own resolver, or one on each node (NodeLocal DNSCache).
            to: [namespaces(["kube-system"]), { ipBlock: { cidr: "169.254.20.10/32" } }],
            ports: ["UDP", "TCP"].map((protocol) => ({ protocol, port: 53 })),
          },
        ],
      },
    },
    ...(offeredTo.length > 0 && {
      offered: {
        metadata: meta("offered"),
        spec: {
          podSelector: { matchLabels: { ...partOf, "mcp-infra.dev/role": "server" } },
          policyTypes: ["Ingress"],
          ingress: [
            {
              from: [
                {
                  ...namespaces(offeredTo),
                  podSelector: { matchLabels: { "mcp-infra.dev/role": "gateway" } },
                },
              ],
            },
          ],
        },
      },
    }),
    // Where a certificate is had by HTTP, a pod of cert-manager's answers the authority's question, for a minute.
    ...(expose?.certificate && {
      challenge: {
        metadata: meta("challenge"),
        spec: {
          podSelector: { matchLabels: { "acme.cert-manager.io/http01-solver": "true" } },
          policyTypes: ["Ingress"],
          ingress: [{ from: [namespaces(entrances)], ports: [{ port: 8089 }] }],
        },
      },
    }),
  };
}

function digest(text: string): string {
  return createHash("sha256").update(text).digest("hex").slice(0, 8);
}

/** What a server may connect to, where it declares something. */
export function serverEgress(server: ServerModel, namespace: string): Policy | undefined {
  if (server.egress.length === 0) return undefined;
  return {
    metadata: { name: `${server.name}-egress`, namespace, labels: labels("server", server.name) },
    spec: {
      podSelector: { matchLabels: selectorLabels("server", server.name) },
      policyTypes: ["Egress"],
      egress: server.egress.map(destination),
    },
  };
}

/** The paths of one gateway: its callers to it, it to its servers, and nobody else to them. */
export function gatewayNetworkPolicies(
  model: IntegrationModel,
  settings: KubernetesSettings,
  callers: string[],
): Policy[] {
  const { gateway } = model;
  if (!gateway) return [];
  const { namespace } = settings;
  const port = gateway.listen.port;
  const gatewayPods = { matchLabels: selectorLabels("gateway", gateway.name) };
  const metadata = (name: string) => ({ name, namespace, labels: labels("gateway", gateway.name) });
  const here = model.servers.filter(({ remote, offered }) => !remote && !offered);
  const serverPods = {
    matchLabels: { "mcp-infra.dev/role": "server" },
    matchExpressions: [
      { key: "app.kubernetes.io/name", operator: "In", values: here.map(({ name }) => name) },
    ],
  };
  const ports = [...new Set(here.map(portOf))].map((each) => ({ port: each }));
  const elsewhere = [...model.servers.flatMap((server) => elsewhereRule(server)), ...servicesOf(model)];
  return [
    {
      metadata: metadata(gateway.name),
      spec: {
        podSelector: gatewayPods,
        policyTypes: ["Ingress", "Egress"],
        ingress: [
          {
            from: [...(callers.length > 0 ? [namespaces(callers)] : []), prometheus(settings)],
            ports: [{ port }],
          },
        ],
        egress: [...(here.length > 0 ? [{ to: [{ podSelector: serverPods }], ports }] : []), ...elsewhere],
      },
    },
    ...(here.length > 0
      ? [
          {
            metadata: metadata(`${gateway.name}-servers`),
            spec: {
              podSelector: serverPods,
              policyTypes: ["Ingress"],
              ingress: [{ from: [{ podSelector: gatewayPods }], ports }],
            },
          },
        ]
      : []),
  ];
}

function elsewhereRule(server: ServerModel): Rule[] {
  const { remote, offered } = server;
  if (offered) {
    if (!offered.namespace) return [];
    const pods = { matchLabels: selectorLabels("server", offered.name) };
    return [
      { to: [{ ...namespaces([offered.namespace]), podSelector: pods }], ports: [{ port: portOf(server) }] },
    ];
  }
  if (!remote) return [];
  return [destination(hostAndPort(remote.url))];
}

/** What the gateway itself calls: who signs tokens, who gives it tokens for remote servers, who collects its traces. */
function servicesOf({ gateway, servers }: IntegrationModel): Rule[] {
  const issuers = gateway?.auth.issuers.flatMap(({ issuer, jwksUri }) => [issuer, jwksUri ?? issuer]) ?? [];
  const clients = servers.flatMap(({ remote }) => Object.values(remote?.auth ?? {}));
  const urls = [...issuers, ...clients.map(({ issuer }) => issuer)];
  if (gateway?.tracing) urls.push(gateway.tracing.endpoint);
  return [...new Set(urls.map(hostAndPort))].map(destination);
}

function hostAndPort(url: string): string {
  const { hostname, port, protocol } = new URL(url);
  return `${hostname}:${port || (protocol === "http:" ? 80 : 443)}`;
}

/** A destination as network policies know it: by address. */
function destination(text: string): Rule {
  const colon = text.lastIndexOf(":");
  return {
    to: addresses(text.slice(0, colon)).map((ipBlock) => ({ ipBlock })),
    ports: [{ port: Number(text.slice(colon + 1)) }],
  };
}
