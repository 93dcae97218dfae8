import type { IntegrationModel } from "../../../model/integration.ts";
import { alertRules } from "../../../views/alert-rules.ts";
import type { KubernetesSettings } from "../args.ts";
import { labels } from "../labels.ts";
import type { Manifest } from "../manifest.ts";
import { kubernetesAlerts } from "./kubernetes-alerts.ts";

/**
 * The alert rules of an integration: those of every target, for its namespace alone, and those of the cluster. Pure.
 */
export function prometheusRule(
  name: string,
  model: IntegrationModel,
  { namespace, monitoring, expose }: Pick<KubernetesSettings, "namespace" | "monitoring" | "expose">,
): Manifest {
  const gateway = model.gateway?.name ?? model.name;
  const certificate = expose?.certificate !== undefined;
  return {
    apiVersion: "monitoring.coreos.com/v1",
    kind: "PrometheusRule",
    metadata: { name, namespace, labels: { ...labels("gateway", gateway), ...monitoring.labels } },
    spec: {
      groups: [...alertRules(model, { namespace }), ...kubernetesAlerts(model, { namespace, certificate })],
    },
  };
}
