import type { Rule } from "../rule.ts";

/** An audience that others share binds a token to nobody. */
export const audienceOwn: Rule = {
  id: "audience-own",
  concern: "security",
  title: "The audience of signed tokens is the gateway's own",
  severity: "error",
  enforcedBy: "policy",
  needs: "gateway",
  remediation:
    "Let the authorization server issue access tokens for the gateway's URL, and leave audience out or name that URL.",
  code: 'new mcp.Gateway("edge", { auth: { issuers: [{ issuer, audience: "https://mcp.example.com/mcp" }] }, … });',
  reference:
    "MCP 2026-07-28, Authorization, Token Audience Binding and Validation; RFC 9068, section 4; OpenID Connect Core, section 2: the aud of an ID token is the client",
  check({ gateway }) {
    return (gateway?.auth.issuers ?? []).flatMap(({ issuer, audience }, index) => {
      const path = `gateway ${gateway?.name}: auth.issuers[${index}].audience`;
      if (audience === undefined) return [];
      if (audience.replace(/\/$/, "") === issuer.replace(/\/$/, ""))
        return [{ path, reason: "is the issuer itself: a token for any of its services would be taken" }];
      if (audience === gateway?.auth.login?.clientId)
        return [
          {
            path,
            reason:
              "is the client that people log in with: an ID token, which says who somebody is, would do to call tools",
          },
        ];
      return [];
    });
  },
};
