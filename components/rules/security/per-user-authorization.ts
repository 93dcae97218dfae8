import { isLoopback } from "../../model/hosts.ts";
import type { Rule } from "../rule.ts";

/** What is done as a person is done for a person who is known, by a consent that was kept. */
export const perUserAuthorization: Rule = {
  id: "per-user-authorization",
  concern: "security",
  title: "Whoever acts as a person knows which one",
  severity: "error",
  enforcedBy: "component",
  needs: "gateway",
  remediation:
    "Set userTokens: { key: secrets.ref(…) } of the gateway and, beyond this machine, auth: { issuers: […], login: { clientId } }.",
  code: 'new mcp.Gateway("edge", { auth: { issuers: [{ issuer }], login: { clientId } }, userTokens: { key: vault.ref("userTokens") }, … });',
  reference:
    "MCP 2026-07-28, Elicitation, URL mode: a server MUST verify the identity of the user who consents",
  check({ gateway, servers, target }) {
    const onThisMachine = target === "local" && isLoopback(gateway?.listen.host ?? "");
    // Whoever opens a link at this machine is the one who works there.
    const isKnown = onThisMachine && gateway?.auth.mode === "tokens";
    const missing = [
      isKnown || gateway?.auth.mode === "jwt"
        ? []
        : ["auth.issuers: its callers are programs, and no person is known"],
      isKnown || gateway?.auth.login ? [] : ["auth.login: a browser could not prove whose it is"],
      gateway?.userTokens ? [] : ["userTokens: a consent would be lost with the next restart"],
    ].flat();
    return servers
      .filter(({ remote }) => remote?.auth?.perUser)
      .flatMap(({ name }) =>
        missing.map((what) => ({
          path: `server ${name}: remote.auth.perUser`,
          reason: `needs what gateway ${gateway?.name} does not have, ${what}`,
        })),
      );
  },
};
