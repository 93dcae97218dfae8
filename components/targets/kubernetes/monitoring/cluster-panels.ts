import type { IntegrationModel } from "../../../model/integration.ts";
import type { Panel } from "../../../views/dashboard-panels.ts";
import { deploymentSeries, restarts } from "./kubernetes-alerts.ts";

/** What the dashboard shows on a cluster besides: how many replicas there are, and whether they stay. */
export function clusterPanels(model: IntegrationModel, namespace: string): Panel[] {
  const series = deploymentSeries(model, namespace);
  return [
    {
      kind: "timeseries",
      title: "Replicas missing",
      description: "How many replicas fewer are available than declared, by Deployment.",
      unit: "none",
      queries: [
        {
          expr: `max by (deployment) (${series("kube_deployment_spec_replicas")}) - max by (deployment) (${series("kube_deployment_status_replicas_available")})`,
          legend: "{{deployment}}",
        },
      ],
      width: 12,
    },
    {
      kind: "timeseries",
      title: "Restarts",
      description: "Restarts of containers within 15 minutes, by pod.",
      unit: "none",
      queries: [{ expr: restarts(model, namespace, "15m"), legend: "{{pod}} {{container}}" }],
      width: 12,
    },
  ];
}
