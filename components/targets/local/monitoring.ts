import path from "node:path";
import type * as pulumi from "@pulumi/pulumi";
import { alertRules } from "../../views/alert-rules.ts";
import { alertmanagerAddress, alertmanagerFile } from "../../views/alertmanager.ts";
import { dashboard } from "../../views/dashboard.ts";
import { credentialProperties, type Told } from "../../views/notifications.ts";
import { ruleFile } from "../../views/prometheus.ts";
import { scrapeConfig } from "../../views/scrape-config.ts";
import type { AlertingRequest, SecretsByName } from "../target.ts";

/** One file of an integration's monitoring. */
export interface MonitoringFile {
  /** What it is, as its resource is called after the alerting. */
  part: string;
  path: string;
  content: pulumi.Input<string>;
  secret?: true;
}

/**
 * What Prometheus, Alertmanager and Grafana of this machine are started with: Prometheus' configuration, and the files
 * that it or its reader goes on to. Each credential has a file of its own, so that the configuration can be shown.
 */
export function monitoringFiles(
  { name, model, receivers }: AlertingRequest,
  directory: string,
): { prometheus: MonitoringFile; others: MonitoringFile[] } {
  const place = (file: string) => path.join(directory, `${name}.${file}`);
  const rulesFile = place("rules.yml");
  const credentials = Object.entries(receivers).map(
    ([receiver, { value }]): MonitoringFile => ({
      part: receiver,
      path: place(`${receiver}.secret`),
      content: value,
      secret: true,
    }),
  );
  const told = alertmanagerFile(model, Object.fromEntries(credentials.map((file) => [file.part, file.path])));
  const alertmanager = told && alertmanagerAddress;
  return {
    prometheus: {
      part: "prometheus",
      path: place("prometheus.yml"),
      content: scrapeConfig(model, { rulesFile, alertmanager }),
    },
    others: [
      { part: "rules", path: rulesFile, content: ruleFile(alertRules(model)) },
      { part: "dashboard", path: place("dashboard.json"), content: dashboard(model) },
      ...credentials,
      ...(told ? [{ part: "alertmanager", path: place("alertmanager.yml"), content: told }] : []),
    ],
  };
}

/** The credentials that this machine can't get at, by property, and why. */
export function unreachable(receivers: SecretsByName): { property: string; reason: string }[] {
  return Object.entries(receivers)
    .filter(([, { key, from }]) => key in from.external)
    .map(([receiver, { store, key }]) => ({
      property: credentialProperties[receiver as Told],
      reason: `is "${key}" of secrets ${store}, which an outside store keeps`,
    }));
}
