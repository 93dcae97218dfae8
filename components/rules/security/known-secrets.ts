import { keysOf, secretUses } from "../../model/integration.ts";
import type { Rule } from "../rule.ts";

/** A reference leads to a secret that exists. */
export const knownSecrets: Rule = {
  id: "known-secrets",
  concern: "security",
  title: "Every secret reference has its secret",
  severity: "error",
  enforcedBy: "component",
  needs: "server",
  remediation:
    "Add the key to values, generate or external of the Secrets component, or correct the reference.",
  code: 'new mcp.Secrets("vault", { target, values: { githubToken: config.requireSecret("githubToken") } });',
  reference: "Twelve-Factor App, III. Config",
  check: (model) =>
    secretUses(model).flatMap(({ path, reference: { store, key } }) => {
      const keys = model.secrets.filter(({ name }) => name === store).flatMap(keysOf);
      if (keys.includes(key)) return [];
      return [
        {
          path,
          reason: `refers to "${key}" of secrets ${store}, which has ${keys.join(", ") || "no secret"}`,
        },
      ];
    }),
};
