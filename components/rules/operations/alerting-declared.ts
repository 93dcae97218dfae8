import type { Rule } from "../rule.ts";

/** Somebody hears of it when the integration fails. */
export const alertingDeclared: Rule = {
  id: "alerting-declared",
  concern: "operations",
  title: "The integration has alerting",
  severity: "error",
  enforcedBy: "policy",
  needs: "integration",
  remediation: 'Declare new mcp.Alerting("alerts", { gateway }) and hand it to the integration.',
  code: `const alerting = new mcp.Alerting("alerts", { gateway });
new mcp.Integration("support", { gateway, alerting, … });`,
  reference: "Google SRE Book, chapter 6, Monitoring Distributed Systems",
  check: ({ alerting, name }) =>
    alerting
      ? []
      : [
          {
            path: `integration ${name}: alerting`,
            reason: "is not declared: a backend may be down for days before somebody notices",
          },
        ],
};
