import type { IntegrationModel } from "../../../model/integration.ts";
import { asRule } from "../../../views/alert-rules.ts";
import { type Alert, type RuleGroup, selector } from "../../../views/prometheus.ts";

/** What of the cluster the alerts have to know. */
export interface ClusterFacts {
  namespace: string;
  /** Whether cert-manager keeps the certificate of the gateway's endpoint. */
  certificate: boolean;
}

/** Names of the Deployments of an integration: its gateway and the servers that its own stack runs. */
export function deploymentsOf({ gateway, servers }: IntegrationModel): string[] {
  const here = servers.filter(({ stdio, http, offered }) => !offered && (stdio ?? http));
  return [...(gateway ? [gateway.name] : []), ...here.map(({ name }) => name)];
}

/** Selects kube-state-metrics' series of an integration's Deployments. */
export function deploymentSeries(model: IntegrationModel, namespace: string) {
  // Names are letters, digits and hyphens: nothing in them means more in a regular expression.
  const names = deploymentsOf(model).join("|");
  return (metric: string) => selector(metric, { namespace }, `deployment=~"${names}"`);
}

/** Restarts of the integration's containers over a time, sidecars included, by pod and container. */
export function restarts(model: IntegrationModel, namespace: string, window: string): string {
  // A Deployment's pods have its name, a hash of their template and five letters; another's may begin alike.
  const pods = `(${deploymentsOf(model).join("|")})-[a-z0-9]+-[a-z0-9]{5}`;
  const count = (metric: string) =>
    `sum by (namespace, pod, container) (increase(${selector(metric, { namespace }, `pod=~"${pods}"`)}[${window}]))`;
  return `${count("kube_pod_container_status_restarts_total")} or ${count("kube_pod_init_container_status_restarts_total")}`;
}

/** The alerts of what only a cluster does to an integration, in a group of their own. */
export function kubernetesAlerts(model: IntegrationModel, facts: ClusterFacts): RuleGroup[] {
  const { gateway } = model;
  if (!gateway) return [];
  const { namespace, certificate } = facts;
  const alerts = [
    replicasLost(model, namespace),
    restartLoop(model, namespace),
    ...(certificate ? [certificateExpiring(gateway.name, namespace)] : []),
  ];
  return [
    { name: `mcp-infra ${gateway.name} on Kubernetes`, rules: alerts.map(asRule(model, { namespace })) },
  ];
}

/** Some are lost, and the rest still serves; that all are is what the gateway's own alerts page for. */
function replicasLost(model: IntegrationModel, namespace: string): Alert {
  const series = deploymentSeries(model, namespace);
  // kube-state-metrics may run more than once, and then tells everything as often.
  const most = (metric: string) => `max by (namespace, deployment) (${series(metric)})`;
  return {
    alert: "McpReplicasLost",
    expr: `${most("kube_deployment_status_replicas_available")} < ${most("kube_deployment_spec_replicas")}`,
    severity: "ticket",
    summary: "Deployment {{ $labels.deployment }} has fewer replicas than declared",
    description:
      "{{ $value }} replicas of {{ $labels.deployment }} are available, which is less than it should have: the next fault may be the one that callers see.",
    action: `Run "kubectl describe pods --namespace ${namespace} --selector app.kubernetes.io/name={{ $labels.deployment }}": the events say whether they can't be scheduled, pulled or started.`,
  };
}

/** The kubelet waits up to five minutes between restarts, so four fit into twenty minutes of the slowest loop. */
function restartLoop(model: IntegrationModel, namespace: string): Alert {
  return {
    alert: "McpRestartLoop",
    expr: `(${restarts(model, namespace, "20m")}) > 2`,
    severity: "ticket",
    summary: "Container {{ $labels.container }} of {{ $labels.pod }} keeps restarting",
    description: "It was restarted {{ $value | humanize }} times in 20 minutes.",
    action: `Run "kubectl logs --namespace ${namespace} {{ $labels.pod }} --container {{ $labels.container }} --previous" for its last words, and "kubectl describe pod" for the reason, such as OOMKilled.`,
  };
}

/**
 * Overdue and close to its end: certificates live from six days to years, and cert-manager renews each in good time, so
 * neither a date alone nor a span alone tells a renewal that fails. One that was never issued has 0 for both.
 */
function certificateExpiring(name: string, namespace: string): Alert {
  // Where the scrape doesn't honour labels, `namespace` is cert-manager's own, and the certificate's is put aside.
  const either = (metric: string) =>
    `(${selector(metric, { name, namespace })} or ${selector(metric, { name, exported_namespace: namespace })})`;
  const left = `${either("certmanager_certificate_expiration_timestamp_seconds")} - time()`;
  const overdue = `time() - ${either("certmanager_certificate_renewal_timestamp_seconds")} > 3600`;
  return {
    alert: "McpCertificateExpiring",
    expr: `${left} < 7 * 86400 and ${overdue}`,
    severity: "page",
    summary: `The certificate of gateway ${name} is not renewed`,
    description:
      "It was never issued, or it ends within 7 days and its renewal is overdue: then no client connects any more.",
    action: `Run "kubectl describe certificate,certificaterequest --namespace ${namespace}" for the answer of the issuer.`,
  };
}
