import * as k8s from "@pulumi/kubernetes";
import * as pulumi from "@pulumi/pulumi";
import { dashboard } from "../../../views/dashboard.ts";
import type { AlertingRequest } from "../../target.ts";
import type { KubernetesSettings } from "../args.ts";
import type { Make } from "../make.ts";
import { secretKeys } from "../secrets.ts";
import { alertmanagerConfig } from "./alertmanager-config.ts";
import { clusterPanels } from "./cluster-panels.ts";
import { dashboardConfigMap } from "./dashboard-config-map.ts";
import { prometheusRule } from "./prometheus-rule.ts";
import { serviceMonitor } from "./service-monitor.ts";

/**
 * Makes what Prometheus Operator and Grafana find a gateway's monitoring by: what is scraped, the rules, who is told,
 * the dashboard. Answers with the rules' place.
 */
export function monitor(
  make: Make,
  { name, model, receivers }: AlertingRequest,
  settings: KubernetesSettings,
  options: pulumi.CustomResourceOptions,
): pulumi.Output<string> {
  const { namespace } = settings;
  const { gateway } = model;
  if (!gateway) return pulumi.output("");
  make(
    k8s.apiextensions.CustomResource,
    `${name}-monitor`,
    serviceMonitor(name, gateway.name, settings),
    options,
  );
  const rule = make(
    k8s.apiextensions.CustomResource,
    `${name}-rules`,
    prometheusRule(name, model, settings),
    options,
  );
  const credentials = secretKeys(make, name, receivers, settings, options);
  const told = alertmanagerConfig(name, model, credentials, settings);
  if (told) make(k8s.apiextensions.CustomResource, `${name}-receivers`, told, options);
  make(
    k8s.core.v1.ConfigMap,
    `${name}-dashboard`,
    dashboardConfigMap(
      name,
      gateway.name,
      dashboard(model, { namespace }, clusterPanels(model, namespace)),
      settings,
    ),
    options,
  );
  return rule.id.apply(() => `prometheusrule/${name} in namespace ${namespace}`);
}
