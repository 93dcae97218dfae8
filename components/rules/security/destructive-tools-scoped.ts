import { z } from "zod";
import type { ConsumerModel } from "../../model/consumer.ts";
import { tunable } from "../rule.ts";
import { verbIn } from "../verbs.ts";

const identityOf = ({ identity: { scope, client } }: ConsumerModel) => JSON.stringify([scope, client]);

/** Who can destroy is known as itself, so that it can be granted and withdrawn alone. */
export const destructiveToolsScoped = tunable({
  id: "destructive-tools-scoped",
  concern: "security",
  title: "A consumer that may destroy has a scope of its own",
  severity: "error",
  enforcedBy: "policy",
  needs: "gateway",
  remediation: "Give the consumer a scope or client that no other has, or take the tool from it.",
  code: 'new mcp.Consumer("housekeeper", { identity: { scope: "files:delete" }, uses: [files.tool("delete_file")], … });',
  reference:
    "MCP Security Best Practices, Scope Minimization; OWASP MCP Top 10, MCP02 Privilege Escalation via Scope Creep; RFC 9700, section 2.3",
  parameters: z.strictObject({
    /** Words of a tool's name that say that it destroys. */
    verbs: z
      .array(z.string())
      .default([
        "delete",
        "remove",
        "drop",
        "destroy",
        "purge",
        "wipe",
        "truncate",
        "erase",
        "kill",
        "terminate",
        "revoke",
      ]),
  }),
  check({ consumers }, { verbs }) {
    return consumers.flatMap((consumer) => {
      const { scope, client } = consumer.identity;
      const isNobody = scope === undefined && client === undefined;
      const same = consumers.find(
        (other) => other.name !== consumer.name && identityOf(other) === identityOf(consumer),
      );
      if (!isNobody && !same) return [];
      return consumer.uses.flatMap((use, index) => {
        const verb = "tool" in use ? verbIn(use.tool, verbs) : undefined;
        if (verb === undefined || !("tool" in use)) return [];
        const why = isNobody ? "has neither scope nor client" : `has the identity of consumer ${same?.name}`;
        return [
          {
            path: `consumer ${consumer.name}: uses[${index}]`,
            reason: `is tool "${use.tool}", which by its name can ${verb}, and the consumer ${why}`,
          },
        ];
      });
    });
  },
});
