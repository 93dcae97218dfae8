import type { Rule } from "../rule.ts";

/** Only a token that an authorization server knows can be exchanged for another. */
export const tokenExchange: Rule = {
  id: "token-exchange",
  concern: "security",
  title: "Tokens that are exchanged are signed ones",
  severity: "error",
  enforcedBy: "component",
  needs: "gateway",
  remediation: "Set auth: { issuers: […] } of the gateway, or use clientCredentials towards the server.",
  code: 'new mcp.Gateway("edge", { auth: { issuers: [{ issuer: "https://login.example.com" }] }, … });',
  reference: "RFC 8693, section 2.1: subject_token is a security token",
  check: ({ gateway, servers }) =>
    gateway?.auth.mode === "jwt"
      ? []
      : servers
          .filter(({ remote }) => remote?.auth?.tokenExchange)
          .map(({ name }) => ({
            path: `server ${name}: remote.auth.tokenExchange`,
            reason: `has nothing to exchange: gateway ${gateway?.name} takes no signed tokens (auth.mode is "${gateway?.auth.mode}")`,
          })),
};
