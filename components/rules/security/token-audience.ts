import { isLoopback } from "../../model/hosts.ts";
import type { Rule } from "../rule.ts";

/** A token is for one gateway, by the name that everybody knows it by. */
export const tokenAudience: Rule = {
  id: "token-audience",
  concern: "security",
  title: "Signed tokens are for this gateway",
  severity: "error",
  enforcedBy: "component",
  needs: "gateway",
  remediation: 'Set publicUrl of the gateway, "https://mcp.example.com/mcp", or audience of each issuer.',
  code: 'new mcp.Gateway("edge", { publicUrl: "https://mcp.example.com/mcp", auth: { issuers: [{ issuer }] }, … });',
  reference: "RFC 8707, Resource Indicators; MCP 2026-07-28, Authorization, Token Audience Binding",
  check({ gateway, target }) {
    // Elsewhere the target gives the gateway a name.
    if (target !== "local" || !gateway || isLoopback(gateway.listen.host) || gateway.publicUrl) return [];
    return gateway.auth.issuers.flatMap(({ audience }, index) =>
      audience
        ? []
        : [
            {
              path: `gateway ${gateway.name}: auth.issuers[${index}].audience`,
              reason: `is not set, nor is publicUrl: "${gateway.listen.host}" is an address, and no client asks for a token for it`,
            },
          ],
    );
  },
};
