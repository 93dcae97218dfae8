import { productionSchema, promised } from "../production.ts";
import { tunable } from "../rule.ts";

/** In production agents get the tools that somebody has agreed on. */
export const catalogueLocked = tunable({
  id: "catalogue-locked",
  concern: "security",
  title: "Production has a locked catalogue",
  severity: "warning",
  enforcedBy: "policy",
  needs: "gateway",
  remediation:
    "Write down what consumers see, npx mcp-infra lock, commit the file, and hand it to the gateway.",
  code: 'new mcp.Gateway("edge", { catalogue: mcp.readLock("mcp-infra.production.lock.yaml"), … });',
  reference:
    "OWASP MCP Top 10, MCP03 Tool Poisoning; MCP Security Best Practices: a tool's definition may change after it was approved",
  parameters: productionSchema,
  check(model, parameters) {
    const promise = promised(model, parameters);
    if (!promise || !model.gateway || model.gateway.catalogue) return [];
    return [
      {
        path: `gateway ${model.gateway.name}: catalogue`,
        reason: `is not set, and callers are promised ${promise}: a server that changes a tool overnight breaks or misleads agents unseen`,
      },
    ];
  },
});
