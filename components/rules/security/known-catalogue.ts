import type { IntegrationModel } from "../../model/integration.ts";
import type { Rule, Violation } from "../rule.ts";

/** What is pinned is what is used. */
export const knownCatalogue: Rule = {
  id: "known-catalogue",
  concern: "security",
  title: "The catalogue pins what consumers use",
  severity: "warning",
  enforcedBy: "component",
  needs: "gateway",
  remediation: "Make the catalogue anew from the live stack, npx mcp-infra lock, and deploy again.",
  code: 'new mcp.Gateway("edge", { catalogue: mcp.readLock("mcp-infra.production.lock.yaml"), … });',
  reference: "OWASP MCP Top 10, MCP03 Tool Poisoning: definitions are agreed on before they are used",
  check(model) {
    const { gateway, consumers } = model;
    if (!gateway?.catalogue) return [];
    const at = (rest: string) => `gateway ${gateway.name}: catalogue.${rest}`;
    const foreign = Object.entries(gateway.catalogue).flatMap(([name, { tools }]) => {
      if (!consumers.some((consumer) => consumer.name === name))
        return [{ path: at(name), reason: "is of a consumer that the gateway does not have" }];
      return Object.keys(tools)
        .filter((server) => !model.servers.some((each) => each.name === server))
        .map((server) => ({
          path: at(`${name}.tools.${server}`),
          reason: "is of a server that the gateway does not have",
        }));
    });
    return [...foreign, ...unpinned(model)];
  },
};

/** Uses that the gateway would refuse, since nobody has agreed on their tool. */
function unpinned({ gateway, consumers }: IntegrationModel): Violation[] {
  return consumers.flatMap(({ name, uses }) =>
    uses.flatMap((use, index) => {
      if (!("tool" in use) || use.tool === "*") return [];
      if (gateway?.catalogue?.[name]?.tools[use.server]?.[use.tool]) return [];
      return [
        {
          path: `consumer ${name}: uses[${index}]`,
          reason: `uses tool "${use.tool}" of ${use.server}, which the catalogue does not pin for it: calls are refused until it does`,
        },
      ];
    }),
  );
}
