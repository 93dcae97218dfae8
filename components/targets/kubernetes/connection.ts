import type { KubeConfig } from "@kubernetes/client-node";
import type { Finding } from "../../rules/finding.ts";

/** Which cluster, as whom. */
export interface ConnectionOptions {
  /** Contents of a kubeconfig, or its path. Default: the file that `KUBECONFIG` names, else `~/.kube/config`. */
  kubeconfig?: string;
  /** Context of the kubeconfig. Default: its current one. */
  context?: string;
}

/** There is no telling which cluster is meant; the finding says why and what to do. */
export class NoConnection extends Error {
  readonly finding: Finding;

  constructor(finding: Finding) {
    super(`${finding.path}: ${finding.reason}. ${finding.remediation}`);
    this.finding = finding;
  }
}

/**
 * Reads a kubeconfig as kubectl does; asks nobody yet. The client loads here, since it takes four tenths of a second
 * that no program on another target has to wait for.
 * @throws {NoConnection}
 */
export async function connect(options: ConnectionOptions = {}): Promise<KubeConfig> {
  const { KubeConfig } = await import("@kubernetes/client-node");
  const kubeConfig = new KubeConfig();
  load(kubeConfig, options);
  chooseContext(kubeConfig, options.context);
  return kubeConfig;
}

function load(kubeConfig: KubeConfig, { kubeconfig }: ConnectionOptions): void {
  const remediation =
    "Set KUBECONFIG to your cluster's file, or hand its contents in as the target's kubeconfig.";
  try {
    if (kubeconfig === undefined) kubeConfig.loadFromDefault();
    else if (isPath(kubeconfig)) kubeConfig.loadFromFile(kubeconfig);
    else kubeConfig.loadFromString(kubeconfig);
  } catch (error) {
    // What a parser quotes may be a credential; the name of a file that can't be read is none.
    const file = error instanceof Error && "path" in error ? `${error.path} can't be read` : undefined;
    const given = kubeconfig === undefined ? "the kubeconfig" : "what was handed in";
    throw fault("kubeconfig", file ?? `${given} is no kubeconfig in YAML or JSON`, remediation);
  }
  // The client's own last resort is an API server without TLS on this machine, which nobody means.
  if (kubeConfig.getCurrentContext() === "loaded-context")
    throw fault(
      "kubeconfig",
      "there is none: KUBECONFIG is not set and there is no ~/.kube/config",
      remediation,
    );
}

/** Pulumi's SDK keeps the value of `KUBECONFIG`, a path, where it would keep contents too; those have lines, braces or fields. */
function isPath(kubeconfig: string): boolean {
  return !/[\n{]|: /.test(kubeconfig);
}

function chooseContext(kubeConfig: KubeConfig, wanted: string | undefined): void {
  const names = kubeConfig.getContexts().map(({ name }) => name);
  const there = names.length > 0 ? `there is ${names.join(", ")}` : "it has no context at all";
  const name = wanted ?? kubeConfig.getCurrentContext();
  const remediation = "Give the target the context of your cluster, or `kubectl config use-context` it.";
  if (!name) throw fault("context", `the kubeconfig has no current context; ${there}`, remediation);
  if (!names.includes(name))
    throw fault("context", `the kubeconfig has no context "${name}"; ${there}`, remediation);
  kubeConfig.setCurrentContext(name);
  const anew = "Mend the kubeconfig: fetch it anew from where your cluster is.";
  const cluster = kubeConfig.getCurrentCluster();
  if (!cluster || !kubeConfig.getCurrentUser())
    throw fault(
      "context",
      `the kubeconfig's context "${name}" names a cluster or user that it does not have`,
      anew,
    );
  // The client refuses any other later, in words of its own.
  if (!/^https:/.test(cluster.server) && !cluster.skipTLSVerify)
    throw fault("kubeconfig", `the server of context "${name}" is no https:// address`, anew);
}

function fault(property: string, reason: string, remediation: string): NoConnection {
  return new NoConnection({
    rule: "cluster-connection",
    path: `kubernetes: ${property}`,
    severity: "error",
    reason,
    remediation,
  });
}
