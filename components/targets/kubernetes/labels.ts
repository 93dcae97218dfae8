/** What a pod is to the others: network policies and monitors select by it. */
export type Role = "gateway" | "server";

/** Port on which a probe sidecar answers the kubelet: none that servers are known to open for something of their own. */
export const probePort = 17_464;
/** Port on which a bridge listens. */
export const bridgePort = 8080;

/** What selects the pods of one component: never changes, since a Deployment's selector can't. */
export function selectorLabels(role: Role, name: string): Record<string, string> {
  return { "app.kubernetes.io/name": name, "mcp-infra.dev/role": role };
}

/** Labels of everything that is made here. */
export const partOf = { "app.kubernetes.io/part-of": "mcp-infra" };

/** Labels of everything that belongs to one component. */
export function labels(role: Role, name: string): Record<string, string> {
  return {
    ...selectorLabels(role, name),
    ...partOf,
    "app.kubernetes.io/component": role,
  };
}

/** Name by which pods of the cluster reach a service. */
export function serviceHost(name: string, namespace: string): string {
  return `${name}.${namespace}.svc`;
}
