import { withApi } from "../../components/targets/kubernetes/api.ts";
import { type ConnectionOptions, connect } from "../../components/targets/kubernetes/connection.ts";
import type { Victim } from "../victim.ts";

/** A server's pods, by what selects them. */
export interface ServerPods {
  server: string;
  connection: ConnectionOptions;
  namespace: string;
  labels: Record<string, string>;
}

const DEADLINE_MS = 15_000;

/**
 * A server in a cluster. Its pods can be killed, which the cluster mends by itself; whatever else would take a way into
 * its containers, which they don't have.
 */
export function kubernetesVictim({ server, connection, namespace, labels }: ServerPods): Victim {
  return {
    server,
    faults: ["kill"],
    async inflict() {
      const labelSelector = Object.entries(labels)
        .map(([name, value]) => `${name}=${value}`)
        .join(",");
      await withApi(await connect(connection), DEADLINE_MS, ({ core }) =>
        core.deleteCollectionNamespacedPod({ namespace, labelSelector, gracePeriodSeconds: 0 }),
      );
      return async () => {};
    },
  };
}
