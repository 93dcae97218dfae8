import type { ConnectionOptions } from "../../components/targets/kubernetes/connection.ts";
import { nameOf, plain, type StateResource } from "../state.ts";

/** A gateway's Service, as the state has it. */
export interface GatewayService {
  connection: ConnectionOptions;
  namespace: string;
  name: string;
  port: number;
  /** Where callers outside the cluster reach it, when they do. */
  exposed?: string;
}

/** A Deployment, as the state has it. */
export interface Workload {
  connection: ConnectionOptions;
  namespace: string;
  name: string;
  /** What it is: `gateway` or `server`. */
  role: string;
  /** Labels that select its pods. */
  labels: Record<string, string>;
  /** The package that its image runs, where it is not the image itself. */
  artifact?: string;
}

interface Metadata {
  name?: string;
  namespace?: string;
  labels?: Record<string, string>;
  annotations?: Record<string, string>;
}

const urlAnnotation = "mcp-infra.dev/url";
const roleLabel = "mcp-infra.dev/role";

/** The Service of a gateway, among its parts. */
export function gatewayService(
  resources: readonly StateResource[],
  parts: readonly StateResource[],
): GatewayService | undefined {
  const service = parts.find(({ type, outputs }) => type === "kubernetes:core/v1:Service" && outputs);
  if (!service) return undefined;
  const { name = nameOf(service), namespace = "default", annotations } = metadataOf(service);
  const { ports } = (plain(service.inputs?.spec) ?? {}) as { ports?: { port: number }[] };
  const exposed = annotations?.[urlAnnotation];
  return {
    connection: connectionOf(resources, service),
    namespace,
    name,
    port: ports?.[0]?.port ?? 0,
    ...(exposed && { exposed }),
  };
}

/** The Deployments of a stack. */
export function workloadsOf(resources: readonly StateResource[]): Workload[] {
  const deployments = resources.filter(({ type }) => type === "kubernetes:apps/v1:Deployment");
  return deployments.map((deployment) => {
    const { name = nameOf(deployment), namespace = "default", labels = {} } = metadataOf(deployment);
    const { selector } = (plain(deployment.inputs?.spec) ?? {}) as {
      selector?: { matchLabels?: Record<string, string> };
    };
    const artifact = artifactOf(resources.find(({ urn }) => urn === deployment.parent));
    return {
      connection: connectionOf(resources, deployment),
      namespace,
      name,
      role: labels[roleLabel] ?? "",
      labels: selector?.matchLabels ?? {},
      ...(artifact && { artifact }),
    };
  });
}

function metadataOf({ inputs, outputs }: StateResource): Metadata {
  // Where the provider chose the name, only the outputs have it.
  const given = (plain(inputs?.metadata) ?? {}) as Metadata;
  const made = (plain(outputs?.metadata) ?? {}) as Metadata;
  return {
    ...given,
    ...(made.name && { name: made.name }),
    ...(made.namespace && { namespace: made.namespace }),
  };
}

/** The cluster of a resource: as its provider was given it, else as this machine's kubeconfig has it. */
function connectionOf(resources: readonly StateResource[], { provider }: StateResource): ConnectionOptions {
  const { inputs } =
    resources.find(
      ({ urn, type }) => type === "pulumi:providers:kubernetes" && provider?.startsWith(`${urn}::`),
    ) ?? {};
  const [kubeconfig, context] = [plain(inputs?.kubeconfig), plain(inputs?.context)];
  return {
    ...(typeof kubeconfig === "string" && { kubeconfig }),
    ...(typeof context === "string" && { context }),
  };
}

/** The package that a server's bridge or image runs. */
function artifactOf(component: StateResource | undefined): string | undefined {
  if (component?.type !== "mcp-infra:index:Server") return undefined;
  const { artifact } = component.inputs ?? {};
  return typeof artifact === "string" && artifact.startsWith("npm:") ? artifact : undefined;
}
