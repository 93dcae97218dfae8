import type { KubernetesSettings } from "../args.ts";
import { labels } from "../labels.ts";

/** A dashboard where Grafana's sidecar looks for it: in a ConfigMap with this label. Pure. */
export function dashboardConfigMap(
  name: string,
  gateway: string,
  dashboard: string,
  { namespace }: Pick<KubernetesSettings, "namespace">,
) {
  return {
    metadata: {
      name: `${name}-dashboard`,
      namespace,
      labels: { ...labels("gateway", gateway), grafana_dashboard: "1" },
    },
    // Namespaces share one folder of files in Grafana.
    data: { [`${namespace}-${gateway}.json`]: dashboard },
  };
}
