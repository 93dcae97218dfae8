import { describeUse, type UseModel } from "../../model/consumer.ts";
import type { Rule } from "../rule.ts";
import { looksSecret, namesSecret } from "../secret-forms.ts";

/** Cursors of lists are called tokens, too. */
const isCursor = (name: string) => /token$/i.test(name);

/** The paths within an example at which a secret stands. */
function secretsAt(value: unknown, path: string): string[] {
  if (typeof value === "string") {
    const name = path.split(".").at(-1) ?? "";
    return looksSecret(value) || (!isCursor(name) && namesSecret(name, value)) ? [path] : [];
  }
  if (typeof value !== "object" || value === null) return [];
  return Object.entries(value).flatMap(([key, inner]) => secretsAt(inner, `${path}.${key}`));
}

function exampleOf(use: UseModel): Record<string, unknown> {
  return {
    ...("arguments" in use && { arguments: use.arguments }),
    ...("resource" in use && { resource: use.resource }),
    ...(use.expect && { expect: use.expect }),
  };
}

/** Example calls are kept in the state and shown in reports: nothing secret is in them. */
export const secretsInExamples: Rule = {
  id: "secrets-in-examples",
  concern: "security",
  title: "No example call has a secret in it",
  severity: "error",
  enforcedBy: "policy",
  needs: "gateway",
  remediation:
    "Give the server its credential by secrets.ref(key), so that no caller has to; call with what anybody may know.",
  code: 'github.tool("search_code", { arguments: { query: "repo:acme/app readme" } })',
  reference: "OWASP MCP Top 10, MCP01 Token Mismanagement & Secret Exposure; CWE-312",
  check: ({ consumers }) =>
    consumers.flatMap((consumer) =>
      consumer.uses.flatMap((use, index) =>
        Object.entries(exampleOf(use))
          .flatMap(([property, value]) => secretsAt(value, property))
          .map((property) => ({
            path: `consumer ${consumer.name}: uses[${index}].${property}`,
            reason: `of ${"resource" in use ? "a resource" : describeUse(use)} looks like a secret (the value is not shown here)`,
          })),
      ),
    ),
};
