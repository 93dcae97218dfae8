import type { ConsumerModel } from "../../model/consumer.ts";
import type { Rule } from "../rule.ts";

/** Of signed tokens only scope and client say whose access they are. */
export const consumersToldApart: Rule = {
  id: "consumers-told-apart",
  concern: "security",
  title: "Consumers are told apart by their tokens",
  severity: "error",
  enforcedBy: "component",
  needs: "gateway",
  remediation: 'Give each consumer a scope or client of its own: identity: { scope: "…" }.',
  code: `new mcp.Consumer("support-agent", { identity: { scope: "support" }, … });
new mcp.Consumer("triage-bot", { identity: { scope: "triage" }, … });`,
  reference: "RFC 9068, section 2.2.3: authorization claims; RFC 8693, section 4.3: client_id",
  check({ gateway, consumers }) {
    if (gateway?.auth.mode !== "jwt") return [];
    const keyOf = ({ identity }: ConsumerModel) => JSON.stringify([identity.scope, identity.client]);
    return consumers.flatMap((consumer, index) => {
      const { scope, client } = consumer.identity;
      const path = `consumer ${consumer.name}: identity`;
      if (scope === undefined && client === undefined)
        return [{ path, reason: "names neither scope nor client: no token would ever be its own" }];
      const same = consumers.slice(0, index).find((other) => keyOf(other) === keyOf(consumer));
      if (!same) return [];
      return [
        {
          path,
          reason: `is that of consumer ${same.name}: a token of one would have what both use`,
        },
      ];
    });
  },
};
