// @ts-check
import { clusterDomain, dnsAddress } from "./network.mjs";

/** @typedef {import("@kubernetes/client-node").KubernetesObject & Record<string, unknown>} KubernetesResource */

const pauseImage = "mcp-infra.local/pause:1";

/**
 * DNS as pods with the labels that it has in every cluster, so that a policy which lets pods ask it holds here too.
 * The program is the node's, and so needs no image.
 * @param {string} bin
 * @returns {KubernetesResource[]}
 */
export function dns(bin) {
  const labels = { "k8s-app": "kube-dns" };
  const metadata = { name: "coredns", namespace: "kube-system", labels };
  // Any other name does not exist, and that is said at once: there is nobody to ask.
  const corefile = `${clusterDomain} in-addr.arpa ip6.arpa {
  errors
  ready
  kubernetes
  cache 5
  loadbalance
}
. {
  template ANY ANY {
    rcode NXDOMAIN
  }
}
`;
  const rules = [
    { apiGroups: [""], resources: ["endpoints", "services", "pods", "namespaces"], verbs: ["list", "watch"] },
    { apiGroups: ["discovery.k8s.io"], resources: ["endpointslices"], verbs: ["list", "watch"] },
  ];
  const container = {
    name: "coredns",
    image: pauseImage,
    imagePullPolicy: "IfNotPresent",
    securityContext: { runAsUser: 0 }, // For port 53.
    command: ["/cluster/coredns", "-conf", "/etc/coredns/Corefile"],
    ports: [
      { name: "dns", containerPort: 53, protocol: "UDP" },
      { name: "dns-tcp", containerPort: 53, protocol: "TCP" },
    ],
    readinessProbe: { httpGet: { path: "/ready", port: 8181 }, periodSeconds: 1 },
    volumeMounts: [
      { name: "programs", mountPath: "/cluster", readOnly: true },
      { name: "config", mountPath: "/etc/coredns" },
    ],
  };
  const spec = {
    serviceAccountName: "coredns",
    priorityClassName: "system-cluster-critical",
    dnsPolicy: "Default",
    tolerations: [{ key: "node.kubernetes.io/not-ready", operator: "Exists" }],
    affinity: {
      podAntiAffinity: {
        requiredDuringSchedulingIgnoredDuringExecution: [
          { labelSelector: { matchLabels: labels }, topologyKey: "kubernetes.io/hostname" },
        ],
      },
    },
    containers: [container],
    volumes: [
      { name: "programs", hostPath: { path: bin, type: "Directory" } },
      { name: "config", configMap: { name: "coredns" } },
    ],
  };
  return [
    { apiVersion: "v1", kind: "ServiceAccount", metadata },
    { apiVersion: "v1", kind: "ConfigMap", metadata, data: { Corefile: corefile } },
    {
      apiVersion: "rbac.authorization.k8s.io/v1",
      kind: "ClusterRole",
      metadata: { name: "system:coredns" },
      rules,
    },
    {
      apiVersion: "rbac.authorization.k8s.io/v1",
      kind: "ClusterRoleBinding",
      metadata: { name: "system:coredns" },
      roleRef: { apiGroup: "rbac.authorization.k8s.io", kind: "ClusterRole", name: "system:coredns" },
      subjects: [{ kind: "ServiceAccount", name: "coredns", namespace: "kube-system" }],
    },
    {
      apiVersion: "v1",
      kind: "Service",
      metadata: { ...metadata, name: "kube-dns" },
      spec: {
        clusterIP: dnsAddress,
        selector: labels,
        ports: [
          { name: "dns", port: 53, protocol: "UDP" },
          { name: "dns-tcp", port: 53, protocol: "TCP" },
        ],
      },
    },
    {
      apiVersion: "apps/v1",
      kind: "Deployment",
      metadata,
      // One for each node, so that there is one while a node is drained.
      spec: { replicas: 2, selector: { matchLabels: labels }, template: { metadata: { labels }, spec } },
    },
  ];
}
