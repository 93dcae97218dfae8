import type { IntegrationModel } from "../../model/integration.ts";
import type { Rule, Violation } from "../rule.ts";

/** What a token for a server is for, and whose address the server has. */
function resourcesOf({ servers }: IntegrationModel) {
  return servers.flatMap(({ name, remote }) =>
    Object.entries(remote?.auth ?? {}).flatMap(([kind, client]) =>
      remote && client
        ? [
            {
              path: `server ${name}: remote.auth.${kind}.resource`,
              resource: client.resource ?? remote.url,
              origin: new URL(remote.url).origin,
            },
          ]
        : [],
    ),
  );
}

/** Whoever gets a token can use it, wherever it is taken: so it is taken in one place. */
export const tokenForOneServer: Rule = {
  id: "token-for-one-server",
  concern: "security",
  title: "A token that goes to a server is for that server alone",
  severity: "error",
  enforcedBy: "policy",
  needs: "gateway",
  remediation:
    "Name the server's own resource, or leave resource out: the server's URL then is what its tokens are for.",
  code: 'new mcp.Server("tickets", {\n  remote: {\n    url: "https://tickets.example.com/mcp",\n    auth: { tokenExchange: { issuer, clientId, clientSecret: vault.ref("edge"), resource: "https://tickets.example.com/mcp" } },\n  },\n  …\n});',
  reference:
    "MCP Security Best Practices, Token Passthrough; MCP 2026-07-28, Authorization, Access Token Privilege Restriction; RFC 8707, section 2",
  check(model) {
    const { gateway } = model;
    const own = [gateway?.publicUrl, ...(gateway?.auth.issuers.map(({ audience }) => audience) ?? [])];
    const all = resourcesOf(model);
    return all.flatMap(({ path, resource, origin }, index): Violation[] => {
      if (own.includes(resource))
        return [
          {
            path,
            reason: `is "${resource}", what callers' tokens for gateway ${gateway?.name} are for: the server could call the gateway with what it is given`,
          },
        ];
      const same = all
        .slice(0, index)
        .find((other) => other.resource === resource && other.origin !== origin);
      if (!same) return [];
      return [
        { path, reason: `is that of "${same.path}": either server could call the other with its token` },
      ];
    });
  },
};
