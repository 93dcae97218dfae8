import type { KubernetesSettings } from "../args.ts";
import { labels, selectorLabels } from "../labels.ts";
import type { Manifest } from "../manifest.ts";

/** The label of the gateway's Service whose value becomes the job: its name, which all rules select by. */
const jobLabel = "app.kubernetes.io/name";

/** Has every replica of a gateway scraped, each by its own address behind the Service. Pure. */
export function serviceMonitor(
  name: string,
  gateway: string,
  { namespace, monitoring }: Pick<KubernetesSettings, "namespace" | "monitoring">,
): Manifest {
  return {
    apiVersion: "monitoring.coreos.com/v1",
    kind: "ServiceMonitor",
    metadata: { name, namespace, labels: { ...labels("gateway", gateway), ...monitoring.labels } },
    spec: {
      jobLabel,
      selector: { matchLabels: selectorLabels("gateway", gateway) },
      endpoints: [{ port: "mcp", path: "/metrics", interval: "15s" }],
    },
  };
}
