import { stringify } from "yaml";
import type { IntegrationModel } from "../model/integration.ts";

/** Addresses that mean "every interface" to a listener, and where a neighbour on the machine finds it. */
const reachable: Record<string, string> = { "0.0.0.0": "127.0.0.1", "::": "::1", "[::]": "::1" };

function hostAndPort(host: string, port: number): string {
  const name = reachable[host] ?? host;
  return name.includes(":") && !name.startsWith("[") ? `[${name}]:${port}` : `${name}:${port}`;
}

/**
 * A minimal `prometheus.yml` that scrapes the gateway's `/metrics` and loads the alert rules. The job has the
 * gateway's name, which the rules select by. Alerts go to the Alertmanager at an address, where there is one.
 */
export function scrapeConfig(
  model: IntegrationModel,
  { rulesFile, alertmanager }: { rulesFile: string; alertmanager?: string },
): string {
  const { gateway } = model;
  return stringify(
    {
      global: { scrape_interval: "15s", evaluation_interval: "15s" },
      rule_files: [rulesFile],
      ...(alertmanager && {
        alerting: { alertmanagers: [{ static_configs: [{ targets: [alertmanager] }] }] },
      }),
      scrape_configs: gateway
        ? [
            {
              job_name: gateway.name,
              metrics_path: "/metrics",
              static_configs: [{ targets: [hostAndPort(gateway.listen.host, gateway.listen.port)] }],
            },
          ]
        : [],
    },
    { lineWidth: 0 },
  );
}
