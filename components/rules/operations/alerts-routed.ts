import { productionSchema, promised } from "../production.ts";
import { tunable } from "../rule.ts";

/** An alert that reaches nobody is none. */
export const alertsRouted = tunable({
  id: "alerts-routed",
  concern: "operations",
  title: "Alerts of production reach somebody",
  severity: "warning",
  enforcedBy: "policy",
  needs: "integration",
  remediation: "Set notify of the alerting: slack, pagerDuty or webhook, each credential by reference.",
  code: 'new mcp.Alerting("alerts", { gateway, notify: { pagerDuty: { routingKey: vault.ref("pagerDuty") } } });',
  reference:
    "Google SRE Workbook, chapter 5, Alerting on SLOs; Prometheus Alertmanager, routes and receivers",
  parameters: productionSchema,
  check(model, parameters) {
    const promise = promised(model, parameters);
    if (!promise || !model.alerting || model.alerting.notify) return [];
    return [
      {
        path: `alerting ${model.alerting.name}: notify`,
        reason: `names nobody, and callers are promised ${promise}: alerts fire into a system that may have no route for them`,
      },
    ];
  },
});
